// Paths that a program is told to write to, tried before anything is computed.
#pragma once

#include <filesystem>

namespace parts {

// Each error names the option that the path was given with.

// Makes the folder, and those on the way to it, if it is not there. Error: it cannot be made, or is a file.
void expect_folder(const char* option, const std::filesystem::path& folder);

// What stands at the path is left as it is; folders on the way to it are made. Error: it cannot be written.
void expect_writable(const char* option, const std::filesystem::path& path);

// There is something that is no file on a disk: a device or a pipe, which is written to as it is.
bool is_device(const std::filesystem::path& path);

// Nothing that is written takes the place of something else that the program reads or writes. Errors: both are one file; the path
// is that of a file of data in their folder.
void expect_apart(const char* option, const std::filesystem::path& path, const char* other_name,
                  const std::filesystem::path& other);
void expect_no_data(const char* option, const std::filesystem::path& path, const std::filesystem::path& data_dir);

}  // namespace parts
