// The file that compiles it.
#include "network.hpp"

template class residua::Inference<Net>;
