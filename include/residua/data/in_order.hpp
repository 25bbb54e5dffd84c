// A data set from its first image to its last, as evaluation reads it: in its own order, each image once, not augmented.
#pragma once

#include <residua/data/augment.hpp>
#include <residua/data/batch.hpp>

namespace residua::inline RESIDUA_ISA::data {

// A range of batches: for (const Batch& batch : InOrder(set, normalisation, 100)) ...
// Image i of the data set is image `i % batch` of batch `i / batch`; the last batch may be smaller. A batch is valid until the
// next one is read. T is the network's scalar.
template <class T>
class InOrderOf {
public:
    // Refers to the data set, which must outlive it. A batch larger than the set is the whole set. Errors: a data set or a
    // normalisation whose sizes do not fit; a batch below one.
    template <class Pixel>
    InOrderOf(const DatasetOf<Pixel>& set, Normalisation normalisation, int batch)
        : set_(&set),
          read_(detail::read_image<Pixel, T>),
          normalisation_(std::move(normalisation)),
          size_(set.size()),
          batch_(batch) {
        detail::expect_fits("images in order", set, normalisation_);
        detail::expect_batch("images in order", batch);
        const auto images = static_cast<Size>(std::min(batch, size_));
        images_.resize(images * normalisation_.image.size());
        labels_.resize(images);
    }
    template <class Pixel>
    InOrderOf(const DatasetOf<Pixel>&&, Normalisation, int) = delete;  // would dangle
    InOrderOf(const InOrderOf&) = delete;
    InOrderOf& operator=(const InOrderOf&) = delete;

    struct End {};
    class Iterator {
    public:
        explicit Iterator(InOrderOf& range) : range_(range) { range_.prepare(0); }
        const BatchOf<T>& operator*() const { return range_.current_; }
        Iterator& operator++() {
            range_.prepare(range_.current_.step + 1);
            return *this;
        }
        bool operator==(End) const { return range_.current_.n == 0; }

    private:
        InOrderOf& range_;
    };
    Iterator begin() { return Iterator(*this); }
    End end() const { return {}; }

private:
    void prepare(std::int64_t step) {
        const std::int64_t begin = step * batch_;
        const int n = static_cast<int>(std::clamp<std::int64_t>(size_ - begin, 0, batch_));
        const Size image = normalisation_.image.size();
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            labels_[i] = read_(set_, static_cast<Size>(begin) + i, normalisation_, {}, images_.data() + i * image);
        }
        current_ = detail::batch_of<T>(n, normalisation_.image, images_.data(), labels_.data(), step, 0);
    }

    const void* set_;
    detail::ReadImage<T> read_;
    Normalisation normalisation_;
    int size_;
    int batch_;
    std::vector<T> images_;
    std::vector<int> labels_;
    BatchOf<T> current_;
};
using InOrder = InOrderOf<float>;

}  // namespace residua::inline RESIDUA_ISA::data
