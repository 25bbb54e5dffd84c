// A file's bytes in this process's address space.
#pragma once

#include <residua/io/descriptor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <sys/mman.h>

namespace residua::inline RESIDUA_ISA::io::detail {

// Pages that the system reads when they are touched, and may drop again. Undone when it ends. (Nothing of an empty file.)
class Mapping {
public:
    // `size` bytes, at least one, of an open file; is_there() is false where that failed, and errno says why.
    Mapping(int file, std::size_t size) : size_(size) {
        void* pages = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (pages != MAP_FAILED) pages_ = static_cast<std::byte*>(pages);
    }
    Mapping(Mapping&& other) noexcept : pages_(std::exchange(other.pages_, nullptr)), size_(other.size_) {}
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping() {
        if (pages_) ::munmap(pages_, size_);
    }

    bool is_there() const { return pages_ != nullptr; }
    const std::byte* data() const { return pages_; }

    // Gives the pages of these bytes back: touched again, they are read again.
    void release(std::uint64_t at, std::uint64_t count) const {
        static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        const std::uint64_t begin = at / page * page;
        const std::uint64_t end = std::min<std::uint64_t>(size_, at + count);
        // (It is advice: if the system does not take it, the pages stay until the mapping ends.)
        if (end > begin) ::madvise(pages_ + begin, end - begin, MADV_DONTNEED);
    }

private:
    std::byte* pages_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA::io::detail
