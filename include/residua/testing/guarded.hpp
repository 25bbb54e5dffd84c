// Memory lent to a layer under test, with watched memory on both sides.
#pragma once

#include <residua/core/buffer.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// What lies around the values that are lent holds a mark: NaN shows in all that is computed from it; where values are added to,
// -0.0 is better, which no addition of anything but itself leaves as it is.
template <class T>
class Guarded {
public:
    static constexpr T nan = std::numeric_limits<T>::quiet_NaN();

    // Room for so many values, aligned to 64 bytes, or `skew` values behind.
    explicit Guarded(Size room, T mark = nan, Size skew = 0) : mark_(mark), begin_(guard + skew), memory_(begin_ + room + guard) {
        std::fill(memory_.data(), end(), mark_);
    }

    // Lends the first `size` values, each of them `value`.
    void lend(Size size, T value) {
        beyond_ = wrote_beyond();
        size_ = size;
        std::fill(memory_.data(), end(), mark_);
        std::fill(data(), data() + size, value);
    }
    void lend(const std::vector<T>& values) {
        lend(values.size(), mark_);
        std::copy(values.begin(), values.end(), data());
    }

    Size room() const { return memory_.size() - begin_ - guard; }
    T* data() { return memory_.data() + begin_; }
    const T* data() const { return memory_.data() + begin_; }

    // Has anybody, ever, written around what was lent at that time?
    bool wrote_beyond() const { return beyond_ || !marked(memory_.data(), data()) || !marked(data() + size_, end()); }
    // Is all of it, and all around it, still as it was marked?
    bool untouched() const { return marked(memory_.data(), end()); }

private:
    static constexpr Size guard = 64;

    const T* end() const { return memory_.data() + memory_.size(); }
    T* end() { return memory_.data() + memory_.size(); }
    bool marked(const T* from, const T* to) const {
        return std::all_of(from, to, [&](const T& value) { return std::memcmp(&value, &mark_, sizeof(T)) == 0; });
    }

    T mark_;
    Size begin_;
    Size size_ = 0;
    Buffer<T> memory_;
    bool beyond_ = false;
};

}  // namespace residua::inline RESIDUA_ISA::testing
