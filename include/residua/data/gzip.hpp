// Whole files, gzipped or not. Needs zlib.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

// All of a file, unpacked if it is gzipped. Errors: it cannot be opened; it is damaged or cut short; it holds more than `most`
// bytes (however small it is packed).
inline std::vector<std::uint8_t> read_unpacked(const std::filesystem::path& path, Size most) {
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
    if (!file) throw Error(path.string() + ": cannot be opened");

    std::vector<std::uint8_t> bytes;
    constexpr unsigned chunk = 1 << 18;
    for (;;) {
        const Size had = bytes.size();
        bytes.resize(had + chunk);
        const int got = gzread(file.get(), bytes.data() + had, chunk);
        int code = Z_OK;
        const char* why = gzerror(file.get(), &code);
        if (got < 0 || code == Z_BUF_ERROR)
            throw Error(path.string() + ": cannot be read: " + (code == Z_ERRNO ? "not a file" : why));
        bytes.resize(had + static_cast<Size>(got));
        if (bytes.size() > most) {
            throw Error(path.string() + ": expected at most " + std::to_string(most) + " bytes, found more");
        }
        if (got == 0) return bytes;
    }
}

}  // namespace residua::inline RESIDUA_ISA::data
