// A block of memory of its own, aligned to 64 bytes and zeroed.
#pragma once

#include <residua/core/extent.hpp>

#include <cstring>
#include <new>
#include <span>
#include <utility>

namespace residua::inline RESIDUA_ISA {

template <class T>
class Buffer {
public:
    static constexpr std::size_t alignment = 64;

    Buffer() = default;
    explicit Buffer(Size size) : data_(allocated(size)), size_(size) {}

    Buffer(const Buffer& other) : Buffer(other.size_) {
        if (size_ > 0) std::memcpy(data_, other.data_, size_ * sizeof(T));
    }
    Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer other) noexcept {
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
    static T* allocated(Size size) {
        if (size == 0) return nullptr;
        void* memory = ::operator new(size * sizeof(T), std::align_val_t(alignment));
        std::memset(memory, 0, size * sizeof(T));
        return static_cast<T*>(memory);
    }

    T* data_ = nullptr;
    Size size_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA
