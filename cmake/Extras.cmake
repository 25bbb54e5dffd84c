# residua::threads  the system's threads: for networks that run on more than one
# residua::io       nlohmann-json, for residua/io/safetensors.hpp and weights.hpp
# residua::data     zlib and a thread, for residua/data/
# Targets whose dependency is missing are not made, and say so.

# Why a component's target was not made.
function(residua_missing_component component reason)
    unset(need)
    if(component STREQUAL "threads" OR (component STREQUAL "data" AND NOT TARGET residua::threads))
        set(need "the system's threads")
    elseif(component STREQUAL "io")
        set(need "nlohmann-json (apt-get install nlohmann-json3-dev)")
    elseif(component STREQUAL "data")
        set(need "zlib (apt-get install zlib1g-dev)")
    endif()
    if(need)
        set(${reason} "component ${component} needs ${need}, which was not found" PARENT_SCOPE)
    else()
        set(${reason} "expected components among residua, threads, io and data, found ${component}" PARENT_SCOPE)
    endif()
endfunction()

find_package(Threads QUIET)
if(Threads_FOUND)
    add_library(residua_threads INTERFACE)
    add_library(residua::threads ALIAS residua_threads)
    target_link_libraries(residua_threads INTERFACE residua Threads::Threads)
endif()

find_package(nlohmann_json QUIET)
if(nlohmann_json_FOUND)
    add_library(residua_io INTERFACE)
    add_library(residua::io ALIAS residua_io)
    target_link_libraries(residua_io INTERFACE residua nlohmann_json::nlohmann_json)
endif()

find_package(ZLIB QUIET)
if(ZLIB_FOUND AND Threads_FOUND)
    add_library(residua_data INTERFACE)
    add_library(residua::data ALIAS residua_data)
    target_link_libraries(residua_data INTERFACE residua::threads ZLIB::ZLIB)
endif()

foreach(component IN ITEMS threads io data)
    if(NOT TARGET residua::${component})
        residua_missing_component(${component} reason)
        message(STATUS "residua: ${reason}: no target residua::${component}")
    endif()
endforeach()
