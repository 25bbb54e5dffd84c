# residua::threads  the system's threads: for networks that run on more than one
# residua::io       nlohmann-json, for residua/io/safetensors.hpp and weights.hpp
# residua::data     zlib and a thread, for residua/data/
# Targets whose dependency is missing are not made, and say so.
find_package(Threads QUIET)
if(Threads_FOUND)
    add_library(residua_threads INTERFACE)
    add_library(residua::threads ALIAS residua_threads)
    target_link_libraries(residua_threads INTERFACE residua Threads::Threads)
else()
    message(STATUS "residua: threads were not found: no target residua::threads")
endif()

find_package(nlohmann_json QUIET)
if(nlohmann_json_FOUND)
    add_library(residua_io INTERFACE)
    add_library(residua::io ALIAS residua_io)
    target_link_libraries(residua_io INTERFACE residua nlohmann_json::nlohmann_json)
else()
    message(STATUS "residua: nlohmann-json was not found: no target residua::io (safetensors)")
endif()

find_package(ZLIB QUIET)
if(ZLIB_FOUND AND Threads_FOUND)
    add_library(residua_data INTERFACE)
    add_library(residua::data ALIAS residua_data)
    target_link_libraries(residua_data INTERFACE residua::threads ZLIB::ZLIB)
else()
    message(STATUS "residua: zlib or threads were not found: no target residua::data")
endif()
