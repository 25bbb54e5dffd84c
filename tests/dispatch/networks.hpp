// The network that is compiled for several instruction sets.
#pragma once

#include <residua/networks/cifar.hpp>

using Small = residua::Network<residua::Shape{3, 20, 20}, residua::cifar::BasicSpec<8, residua::PreActivation>>;
