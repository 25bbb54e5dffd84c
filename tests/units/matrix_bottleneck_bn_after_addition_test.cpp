#include "matrix.hpp"

#include <residua/networks/cifar.hpp>

using residua::cifar::Bottleneck3x3;
RESIDUA_TEST_MATRIX(BnAfterAddition, Bottleneck3x3)
