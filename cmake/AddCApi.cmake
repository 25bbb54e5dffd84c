# Networks for inference as a shared library with a C interface, for C and for languages that call C.
#
#   residua_add_c_api(<library> HEADER <header> NETWORKS <type>... CAPACITY <images> [ISA avx512 avx2 sse2])
#
# Arguments as of residua_add_networks, which compiles them, as <library>_networks. The library's header is <library>.h, and says what
# its functions do: <library>_create, <library>_run, <library>_destroy, <library>_last_error, and facts of a network. Nothing else of
# it is seen from outside.
set(RESIDUA_C_API_TEMPLATES ${CMAKE_CURRENT_LIST_DIR})

function(residua_add_c_api library)
    cmake_parse_arguments(PARSE_ARGV 1 these "" "HEADER;CAPACITY" "NETWORKS;ISA")
    residua_add_networks(${library}_networks ${ARGN})

    set(LIBRARY ${library})
    list(JOIN these_NETWORKS ", " OFFERED)
    set(OFFERS "")
    foreach(network IN LISTS these_NETWORKS)
        string(APPEND OFFERS "    {\"${network}\", ${library}_networks::${network}},\n")
    endforeach()
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${library})
    configure_file(${RESIDUA_C_API_TEMPLATES}/c_api.h.in ${folder}/${library}.h @ONLY)
    configure_file(${RESIDUA_C_API_TEMPLATES}/c_api.cpp.in ${folder}/${library}.cpp @ONLY)

    set_target_properties(${library}_networks PROPERTIES POSITION_INDEPENDENT_CODE ON)
    add_library(${library} SHARED ${folder}/${library}.cpp)
    set_target_properties(${library} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_include_directories(${library} PUBLIC ${folder})
    target_link_libraries(${library} PRIVATE ${library}_networks)
    # (Templates of the standard library are seen whatever a source says.)
    file(CONFIGURE OUTPUT ${folder}/${library}.map CONTENT "{ global: ${library}_*; local: *; };\n")
    target_link_options(${library} PRIVATE -Wl,--version-script=${folder}/${library}.map)
    set_target_properties(${library} PROPERTIES LINK_DEPENDS ${folder}/${library}.map)
endfunction()
