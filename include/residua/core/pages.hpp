// Pages of memory: a block that takes each of them when it is first touched, and those of another that are given back.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/core/error.hpp>

#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
// (Under the address sanitizer a block has guards around it, and is a Buffer.)
#if defined(__SANITIZE_ADDRESS__)
#elif defined(__has_feature)
#if !__has_feature(address_sanitizer)
#define RESIDUA_HAS_PAGES
#endif
#else
#define RESIDUA_HAS_PAGES
#endif
#endif

namespace residua::inline RESIDUA_ISA {

#ifdef RESIDUA_HAS_PAGES

// A block of zeros, aligned to 64 bytes and more, whose pages take no memory before they are touched. Error: there is not as
// much.
template <class T>
class ZeroPages {
public:
    ZeroPages() = default;
    explicit ZeroPages(Size size) : bytes_(detail::bytes_of<T>(size)) {
        if (bytes_ == 0) return;
        void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) fail({"residua: expected ", bytes_, " bytes of memory, found fewer"});
        detail::ask_for_large_pages(memory, bytes_);
        data_ = static_cast<T*>(memory);
    }

    ZeroPages(const ZeroPages& other) : ZeroPages(other.bytes_ / sizeof(T)) {
        if (bytes_ > 0) std::memcpy(data_, other.data_, bytes_);
    }
    ZeroPages(ZeroPages&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    ZeroPages& operator=(ZeroPages other) noexcept {
        std::swap(data_, other.data_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~ZeroPages() {
        if (data_) munmap(data_, bytes_);
    }

    T* data() { return data_; }
    const T* data() const { return data_; }

private:
    T* data_ = nullptr;
    std::size_t bytes_ = 0;
};

#else

template <class T>
using ZeroPages = Buffer<T>;

#endif

// Memory whose values nobody reads any more, until they are written anew. What is added is joined with what was added before, if
// it begins where that ends; whole pages of it are given back to the system.
class UnneededMemory {
public:
    UnneededMemory() = default;
    UnneededMemory(const UnneededMemory&) = delete;
    UnneededMemory& operator=(const UnneededMemory&) = delete;
    ~UnneededMemory() { give_back(); }

    void add(const void* begin, Size bytes) {
        const auto address = reinterpret_cast<std::uintptr_t>(begin);
        if (address != end_) {
            give_back();
            begin_ = address;
        }
        end_ = address + bytes;
        if (end_ - begin_ >= at_once) give_back();
    }

private:
    static constexpr Size at_once = Size{4} << 20;  // a few pages of 2 MB, which are split otherwise

    // (A request: where it is not granted, the memory stays.)
    void give_back() {
#ifdef __linux__
        const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
        const std::uintptr_t begin = (begin_ + page - 1) / page * page;
        const std::uintptr_t end = end_ / page * page;
        if (begin >= end) return;
        madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
        begin_ = end;
#endif
    }

    std::uintptr_t begin_ = 0;
    std::uintptr_t end_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA
