// The network that is embedded: for two programs, the one that packs its weights and the one that holds them.
#pragma once

#include <residua/networks/network.hpp>

// clang-format off
struct Embedded : residua::Sequence<
    residua::PreActivation::Stem<residua::Conv<16>>,
    residua::Stage<3, residua::Unit<residua::PreActivation, residua::Basic<16>>>,
    residua::PreActivation::Final,
    residua::GlobalAveragePool,
    residua::Linear<10>> {};
// clang-format on

using Net = residua::Network<residua::Shape{1, 28, 28}, Embedded>;
