# Networks for inference, compiled once for each instruction set, in one library that runs on every processor.
#
#   residua_add_networks(<library> HEADER <header> NETWORKS <type>... CAPACITY <images> [ISA avx512 avx2 sse2])
#
# HEADER defines the networks, types of these names in the global namespace; CAPACITY: images a call at most; ISA: best first, for
# x86 processors; others have one. A program links the library and includes <library>.hpp, which has for each network
#
#   residua::AnyInference <library>::<type>();      of the best instruction set that the processor has
#   const char* <library>::instruction_set();       which that is; RESIDUA_ISA=avx2 in the environment asks for another
#
# What is compiled for one instruction set shares no symbol with what is compiled for another: of functions that several objects have
# (templates of the standard library, too), a linker keeps any, and a processor without AVX-512 would meet that of one which has it.
# So the objects of each are linked into one in which every name but one is local.
set(RESIDUA_NETWORKS_TEMPLATES ${CMAKE_CURRENT_LIST_DIR})

function(residua_add_networks library)
    cmake_parse_arguments(PARSE_ARGV 1 these "" "HEADER;CAPACITY" "NETWORKS;ISA")
    set(who "residua_add_networks(${library})")
    foreach(argument HEADER NETWORKS CAPACITY)
        if(NOT these_${argument})
            message(FATAL_ERROR "${who}: expected ${argument}, found none")
        endif()
    endforeach()
    if(these_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${who}: expected HEADER, NETWORKS, CAPACITY and ISA, found ${these_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT library MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
        message(FATAL_ERROR "${who}: expected a C++ name for the library, found ${library}")
    endif()
    if(NOT these_CAPACITY MATCHES "^[1-9][0-9]*$")
        message(FATAL_ERROR "${who}: CAPACITY: expected a number of images, found ${these_CAPACITY}")
    endif()
    get_filename_component(HEADER ${these_HEADER} ABSOLUTE)
    if(NOT EXISTS ${HEADER})
        message(FATAL_ERROR "${who}: HEADER: expected a file, found none: ${HEADER}")
    endif()
    if(NOT TARGET residua::io)
        residua_missing_component(io reason)
        message(FATAL_ERROR "${who}: ${reason}")
    endif()

    set(option_avx512 -march=x86-64-v4)
    set(option_avx2 -march=x86-64-v3)
    set(option_sse2 -march=x86-64)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
        if(NOT these_ISA)
            set(these_ISA avx512 avx2 sse2)
        endif()
        foreach(isa IN LISTS these_ISA)
            if(NOT DEFINED option_${isa})
                message(FATAL_ERROR "${who}: ISA: expected some of avx512, avx2 and sse2, found ${isa}")
            endif()
        endforeach()
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
        set(these_ISA neon)
        set(option_neon "")
    else()
        message(FATAL_ERROR "${who}: expected an x86-64 or aarch64 processor, found ${CMAKE_SYSTEM_PROCESSOR}")
    endif()
    if(NOT CMAKE_LINKER OR NOT CMAKE_OBJCOPY)
        message(FATAL_ERROR "${who}: expected GNU ld and objcopy, found '${CMAKE_LINKER}' and '${CMAKE_OBJCOPY}'")
    endif()

    # The entries of the tables, and what is declared of them.
    set(LIBRARY ${library})
    set(CASES "")
    set(DECLARATIONS "")
    set(DEFINITIONS "")
    set(number 0)
    foreach(network IN LISTS these_NETWORKS)
        string(APPEND CASES "        case ${number}: table = any_inference<::${network}, ${these_CAPACITY}>(); break;\n")
        string(APPEND DECLARATIONS "residua::AnyInference ${network}();\n")
        string(APPEND DEFINITIONS "residua::AnyInference ${network}() { return filled(${number}); }\n")
        math(EXPR number "${number} + 1")
    endforeach()

    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${library})
    set(ENTRIES "")
    set(COMPILED "")
    set(joined "")
    foreach(ISA IN LISTS these_ISA)
        set(ENTRY residua_${library}_${ISA})
        string(APPEND ENTRIES "extern \"C\" void ${ENTRY}(int network, residua::AnyInference& table);\n")
        string(APPEND COMPILED "    {\"${ISA}\", ${ENTRY}},\n")
        configure_file(${RESIDUA_NETWORKS_TEMPLATES}/networks_of_isa.cpp.in ${folder}/${ISA}.cpp @ONLY)
        add_library(${library}_${ISA} OBJECT ${folder}/${ISA}.cpp)
        target_link_libraries(${library}_${ISA} PRIVATE residua::io residua::threads)
        # (Names that g++ makes unique in a whole process cannot be local.)
        target_compile_options(${library}_${ISA} PRIVATE ${option_${ISA}} -fno-lto $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
        target_compile_definitions(${library}_${ISA} PRIVATE RESIDUA_NO_PROCESSOR_NOTE)
        set_target_properties(${library}_${ISA} PROPERTIES POSITION_INDEPENDENT_CODE ON)

        set(object ${folder}/${ISA}.o)
        add_custom_command(OUTPUT ${object}
            COMMAND ${CMAKE_LINKER} -r --force-group-allocation -o ${object} $<TARGET_OBJECTS:${library}_${ISA}>
            COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=${ENTRY} ${object}
            DEPENDS ${library}_${ISA} $<TARGET_OBJECTS:${library}_${ISA}> COMMAND_EXPAND_LISTS VERBATIM
            COMMENT "${library}: what is compiled for ${ISA} keeps its names to itself")
        list(APPEND joined ${object})
    endforeach()
    set_source_files_properties(${joined} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)

    configure_file(${RESIDUA_NETWORKS_TEMPLATES}/networks.hpp.in ${folder}/${library}.hpp @ONLY)
    configure_file(${RESIDUA_NETWORKS_TEMPLATES}/networks.cpp.in ${folder}/${library}.cpp @ONLY)
    add_library(${library} STATIC ${folder}/${library}.cpp ${joined})
    target_include_directories(${library} PUBLIC ${folder})
    target_link_libraries(${library} PUBLIC residua::io residua::threads)
endfunction()
