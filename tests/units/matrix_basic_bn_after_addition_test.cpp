#include "matrix.hpp"

#include <residua/networks/cifar.hpp>

RESIDUA_TEST_MATRIX(BnAfterAddition, Basic)
