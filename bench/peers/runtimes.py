"""The side of an inference runtime in the comparison: networks alone, inference alone. serve.hpp says what it answers.

    runtimes.py --runtime onnxruntime|openvino|ncnn|mnn --threads N --folder FOLDER

The network is PyTorch's, with our weights, handed on as the runtime wants it: onnxruntime, openvino and mnn by ONNX, ncnn by pnnx, its own
converter. What a runtime leaves to its user is tried before anything is timed, and the fastest is kept. Needs PyTorch, onnx and onnxscript;
and of PyPI's onnxruntime, openvino, MNN, or ncnn and pnnx that which is asked for."""
import argparse
import contextlib
import importlib.metadata
import os
import pathlib
import sys
import tempfile
import warnings

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "examples" / "pytorch"), str(HERE)]
from answers import Absent, seconds_of, serve  # noqa: E402

warnings.filterwarnings("ignore")


@contextlib.contextmanager
def quiet():
    """What converters say of their work, in other processes, too, goes nowhere."""
    errors = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(errors, 2)
        os.close(errors)


def onnx_of(network, x, folder):
    import torch

    torch.onnx.export(network, (x,), str(folder / "network.onnx"), input_names=["images"], output_names=["logits"], opset_version=18,
                      dynamo=True, external_data=False, verbose=False)


# Each: convert(network, x, folder) leaves in the folder what is read there for images like x; compute() is a call, of which run()
# takes the result. `exact` is what has to be said for float32.
class OnnxRuntime:
    package = "onnxruntime"
    ways = ("all optimisations",)
    exact = {}
    convert = staticmethod(onnx_of)

    def __init__(self, folder, x, threads, way):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(folder / "network.onnx"), options, providers=["CPUExecutionProvider"])
        self.images = x
        self.result = numpy.zeros((len(x), self.session.get_outputs()[0].shape[1]), numpy.float32)
        self.binding = self.session.io_binding()
        self.binding.bind_cpu_input("images", self.images)
        self.binding.bind_output("logits", "cpu", 0, numpy.float32, self.result.shape, self.result.ctypes.data)

    def compute(self):
        self.session.run_with_iobinding(self.binding)

    run = compute


class OpenVino:
    package = "openvino"
    ways = ("latency", "throughput")
    exact = {"INFERENCE_PRECISION_HINT": "f32"}  # (its CPU plugin takes bfloat16 where the processor has it)
    convert = staticmethod(onnx_of)

    def __init__(self, folder, x, threads, way):
        import openvino

        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": way.upper(), "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False,
                    **self.exact}
        core = openvino.Core()
        self.request = core.compile_model(core.read_model(str(folder / "network.onnx")), "CPU", settings).create_infer_request()
        self.images = x  # (not copied, so it has to last)
        self.request.set_input_tensor(openvino.Tensor(self.images, shared_memory=True))

    def compute(self):
        self.request.infer()

    def run(self):
        self.compute()
        self.result = self.request.get_output_tensor(0).data


class Ncnn:
    package = "ncnn"
    ways = ("winograd", "sgemm")
    exact = {name: False for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage", "use_int8_inference")}

    @staticmethod
    def convert(network, x, folder):
        import pnnx
        import preact
        from torch.nn.functional import max_pool2d, pad

        # (It has no slices with steps; a pooling of single pixels is one. Where nothing is added, nothing is padded.)
        def option_a(x, stride, more_channels):
            x = max_pool2d(x, 1, stride) if stride > 1 else x
            return pad(x, (0, 0, 0, 0, 0, more_channels)) if more_channels else x

        preact.option_a = option_a
        # (One image: it has no batches. pnnx folds batch normalisation and fuses ReLUs.)
        with quiet():
            pnnx.export(network, str(folder / "network.pt"), x[:1], fp16=False)

    def __init__(self, folder, x, threads, way):
        import ncnn

        self.net = ncnn.Net()
        options = self.net.opt
        options.num_threads = threads
        options.use_winograd_convolution = way == "winograd"
        options.use_packing_layout = True
        for name, value in self.exact.items():
            setattr(options, name, value)
        if self.net.load_param(str(folder / "network.ncnn.param")) or self.net.load_model(str(folder / "network.ncnn.bin")):
            raise RuntimeError("ncnn does not load what pnnx wrote")
        self.images = [ncnn.Mat(numpy.ascontiguousarray(image)).clone() for image in x]

    def compute(self):
        self.outputs = []
        for image in self.images:
            extractor = self.net.create_extractor()
            extractor.input("in0", image)
            self.outputs.append(extractor.extract("out0")[1])

    def run(self):
        self.compute()
        self.result = numpy.concatenate([numpy.array(output).reshape(1, -1) for output in self.outputs])


class Mnn:
    package = "MNN"
    ways = ("float32",)
    exact = {"precision": "high"}

    @staticmethod
    def convert(network, x, folder):
        import _tools  # (what MNN.tools.mnnconvert calls, which would install a package besides)

        onnx_of(network, x, folder)
        _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", str(folder / "network.onnx"), "--MNNModel", str(folder / "network.mnn"),
                           "--bizCode", "residua"])

    def __init__(self, folder, x, threads, way):
        import MNN

        self.interpreter = MNN.Interpreter(str(folder / "network.mnn"))
        self.session = self.interpreter.createSession({"numThread": threads, "backend": "CPU", **self.exact})
        self.input = self.interpreter.getSessionInput(self.session)
        self.interpreter.resizeTensor(self.input, tuple(x.shape))
        self.interpreter.resizeSession(self.session)
        self.images = MNN.Tensor(tuple(x.shape), MNN.Halide_Type_Float, numpy.ascontiguousarray(x), MNN.Tensor_DimensionType_Caffe)
        self.mnn = MNN

    def compute(self):
        self.input.copyFrom(self.images)
        self.interpreter.runSession(self.session)

    def run(self):
        self.compute()
        output = self.interpreter.getSessionOutput(self.session)
        host = self.mnn.Tensor(output.getShape(), self.mnn.Halide_Type_Float, numpy.zeros(output.getShape(), numpy.float32),
                               self.mnn.Tensor_DimensionType_Caffe)
        output.copyToHostTensor(host)
        self.result = numpy.array(host.getData(), dtype=numpy.float32).reshape(output.getShape())


RUNTIMES = {"onnxruntime": OnnxRuntime, "openvino": OpenVino, "ncnn": Ncnn, "mnn": Mnn}
NAMES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "ncnn": "ncnn", "mnn": "MNN"}


def make(work, options, folder):
    subject, batch, which = work.split("/")
    if which != "infer":
        raise Absent("inference of networks alone")
    import pytorch

    network, shape = pytorch.network_of(subject, options.folder)
    x = pytorch.numbers(pytorch.IMAGES, (int(batch), *shape))
    runtime = RUNTIMES[options.runtime]
    runtime.convert(network.eval(), x, folder)
    made = {way: runtime(folder, x.numpy(), options.threads, way) for way in runtime.ways}
    how = min(made, key=lambda way: seconds_of(made[way].run)) if len(made) > 1 else next(iter(made))
    made[how].how = how
    return made[how]


def write(path, result):
    import preact
    import torch

    preact.write(path, {"logits": torch.from_numpy(numpy.array(result))})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", choices=RUNTIMES, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()

    # (Converters talk on standard output, from C++, too: answers alone go there.)
    answers = os.fdopen(os.dup(1), "w")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)

    def about():
        __import__("pytorch")
        return {"name": NAMES[options.runtime], "version": importlib.metadata.version(RUNTIMES[options.runtime].package)}

    with tempfile.TemporaryDirectory() as folder:
        serve(about, lambda work: make(work, options, pathlib.Path(folder)), lambda path, work: write(path, work.result), answers)


if __name__ == "__main__":
    main()
