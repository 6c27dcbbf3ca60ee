import { randomFillSync } from 'node:crypto';
import sharp from 'sharp';
import { startEngine } from '#libs/engine';
import { createHash } from 'node:crypto';
const photos = [];
for (let i=0;i<10;i++){ const noise = randomFillSync(new Uint8Array(400*300*3));
 photos.push(await sharp(noise,{raw:{width:400,height:300,channels:3}}).resize(4000,3000,{kernel:'cubic'}).jpeg({quality:85}).toBuffer()); }
console.log('bytes', photos[0].length);
const engine = await startEngine({ modelPath:'models/nano', device:'cpu', threads: 2, warmUp:true });
const times=[]; let done=false;
const stream=(async()=>{ while(!done) for await (const e of engine.generate({segments:[{kind:'text',text:'###Human: Tell me a long story. ###Assistant: '}],maxNewTokens:800,stopSequences:[],sampling:{temperature:1,seed:times.length}})) if(e.kind==='delta') times.push(performance.now()); })();
await new Promise(r=>setTimeout(r,1500));
const quiet=times.slice(20); const gaps=(t)=>Math.max(...t.slice(1).map((x,i)=>x-t[i]));
console.log('worst gap before pictures', gaps(quiet).toFixed(1));
const from=performance.now(); const n=times.length;
const each=await Promise.all(photos.map(async p=>{const t=performance.now(); await engine.encodeImage(p); return performance.now()-t;}));
const total=performance.now()-from; done=true; const during=[from,...times.slice(n)]; 
console.log('worst gap while ten 12 MP pictures arrive', gaps(during).toFixed(1),'ms; all encoded after',total.toFixed(0),'ms; deltas', during.length, 'last', Math.max(...each).toFixed(0));
await stream; await engine.close(); process.exit();
