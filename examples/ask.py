# The same as ask.mjs in Python, with the stubs that gRPC makes of the contract. From the repository's folder:
#
#   pip install grpcio grpcio-tools
#   python -m grpc_tools.protoc -I proto --python_out=examples --grpc_python_out=examples proto/minigpt4/v1/chat_service.proto
#   python examples/ask.py picture.png "What is this?"
import os
import pathlib
import sys

import grpc

from minigpt4.v1 import chat_service_pb2 as contract
from minigpt4.v1 import chat_service_pb2_grpc as service

if len(sys.argv) < 2:
    sys.exit("usage: python examples/ask.py IMAGE [QUESTION]")
image = pathlib.Path(sys.argv[1]).read_bytes()
question = sys.argv[2] if len(sys.argv) > 2 else "Describe this image in detail."

request = contract.GenerateRequest(
    segments=[
        contract.Segment(text="###Human: <Img>"),
        contract.Segment(image=contract.Image(data=image)),
        contract.Segment(text=f"</Img> {question}###Assistant: "),
    ]
)
address = os.environ.get("MODEL_SERVER_ADDRESS", "127.0.0.1:50051")
with grpc.insecure_channel(address) as channel:
    try:
        for event in service.ChatServiceStub(channel).Generate(request):
            print(event.delta.text, end="", flush=True)
    except grpc.RpcError as error:
        sys.exit(f"{address}: {error.details()}")
print()
