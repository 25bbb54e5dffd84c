// A network that several files of a program use, and one of them compiles.
#pragma once

#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>

using Net = residua::cifar::PreActResNet<8>;
extern template class residua::Inference<Net>;
