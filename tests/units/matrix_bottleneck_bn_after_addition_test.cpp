#include "matrix.hpp"

using residua::cifar::Bottleneck3x3;
RESIDUA_TEST_MATRIX(BnAfterAddition, Bottleneck3x3)
