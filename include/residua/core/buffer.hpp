// A block of memory of its own, aligned to 64 bytes and zeroed.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/extent.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace residua::inline RESIDUA_ISA {

namespace detail {

// Pages of 2 MB where a block holds some and the system has them on request: 3 % of a training step of ResNet-20 together
// with what convolutions fetch ahead, 1 % alone. (A request only: nothing depends on whether it is granted.)
inline void ask_for_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
    constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
    const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page;
    const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

// The bytes of so many values. Error: they are more than there are addresses (on systems of 32 bits).
// (A template, since the conversion is none on systems of 64 bits, of which g++ warns elsewhere.)
template <class T, class Count>
std::size_t bytes_of(Count values) {
    if (values > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
        fail({"residua: expected memory for ", values, " values of ", sizeof(T),
              " bytes, which are more than this system has addresses for"});
    }
    return static_cast<std::size_t>(values) * sizeof(T);
}

}  // namespace detail

template <class T>
class Buffer {
public:
    static constexpr std::size_t alignment = 64;

    Buffer() = default;
    explicit Buffer(Size size) : data_(allocated(detail::bytes_of<T>(size))), size_(detail::bytes_of<T>(size) / sizeof(T)) {}

    Buffer(const Buffer& other) : Buffer(other.size_) {
        if (size_ > 0) std::memcpy(data_, other.data_, size_ * sizeof(T));
    }
    Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    // Allocates only if the sizes differ.
    Buffer& operator=(const Buffer& other) {
        if (size_ != other.size_) return *this = Buffer(other);
        if (size_ > 0 && this != &other) std::memcpy(data_, other.data_, size_ * sizeof(T));
        return *this;
    }
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Buffer() {
        if (data_) ::operator delete(data_, std::align_val_t(alignment));
    }

    T* data() { return data_; }
    const T* data() const { return data_; }
    Size size() const { return size_; }
    std::span<T> span() { return {data_, size_}; }
    std::span<const T> span() const { return {data_, size_}; }

private:
    static T* allocated(std::size_t bytes) {
        if (bytes == 0) return nullptr;
        void* memory = ::operator new(bytes, std::align_val_t(alignment));
        detail::ask_for_large_pages(memory, bytes);
        std::memset(memory, 0, bytes);
        return static_cast<T*>(memory);
    }

    T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA
