#include "matrix.hpp"

using residua::cifar::Bottleneck3x3;
RESIDUA_TEST_MATRIX(Original, Bottleneck3x3)
