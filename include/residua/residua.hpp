// Residua: residual networks as types. Includes all that needs nothing but xsimd; data, files and programs have headers of their
// own (residua/data/..., residua/io/..., residua/any_network.hpp).
#pragma once

#include <residua/version.hpp>

#include <residua/networks/network.hpp>

#include <residua/networks/cifar.hpp>
#include <residua/networks/imagenet.hpp>
#include <residua/networks/parameters.hpp>

#include <residua/inference/engine.hpp>
#include <residua/inference/classify.hpp>

#include <residua/training/clip.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/schedule.hpp>
#include <residua/training/trainer.hpp>
