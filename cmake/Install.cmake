# Headers, and a package for find_package(Residua).
include(CMakePackageConfigHelpers)
install(DIRECTORY include/residua DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/ResiduaConfig.cmake.in ${PROJECT_BINARY_DIR}/ResiduaConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/Residua PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ResiduaConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/ResiduaConfig.cmake ${PROJECT_BINARY_DIR}/ResiduaConfigVersion.cmake
    cmake/AddCApi.cmake cmake/AddNetworks.cmake cmake/Extras.cmake cmake/FindXsimd.cmake cmake/c_api.cpp.in cmake/c_api.h.in
    cmake/networks.cpp.in cmake/networks.hpp.in cmake/networks_of_isa.cpp.in DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/Residua)
