"""The C interface from Python's ctypes: logits of a file of weights, as tests/dispatch/c_api.c makes them.
c_api.py LIBRARY WEIGHTS"""
import ctypes
import sys

small = ctypes.CDLL(sys.argv[1])
small.small_create.restype = ctypes.c_void_p
small.small_last_error.restype = ctypes.c_char_p
small.small_run.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_float), ctypes.c_int, ctypes.POINTER(ctypes.c_float)]
small.small_destroy.argtypes = [ctypes.c_void_p]

engine = small.small_create(b"Small", sys.argv[2].encode(), None, 1)
if not engine:
    sys.exit(small.small_last_error().decode())
images = (ctypes.c_float * 2400)(*[i * 7919 % 1024 / 512 - 1 for i in range(2400)])
logits = (ctypes.c_float * 20)()
if small.small_run(engine, images, 2, logits) != 0:
    sys.exit(small.small_last_error().decode())
small.small_destroy(engine)
print("\n".join("%.9g" % logit for logit in logits))
