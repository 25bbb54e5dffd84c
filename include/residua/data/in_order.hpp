// A data set from its first image to its last, as evaluation reads it: in its own order, each image once, not augmented.
#pragma once

#include <residua/data/batch.hpp>
#include <residua/data/source.hpp>

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
        : InOrderOf(detail::source_of<T>("images in order", set, normalisation), normalisation, batch) {}
    template <class Pixel>
    InOrderOf(const DatasetOf<Pixel>&&, Normalisation, int) = delete;  // would dangle

    // The same of images that are read as their batch's turn comes, as evaluation sees them. Errors of an image are thrown there.
    InOrderOf(const ImageSource& set, Normalisation normalisation, int batch)
        : InOrderOf(detail::source_of<T>("images in order", set, normalisation), normalisation, batch) {}
    InOrderOf(const ImageSource&&, Normalisation, int) = delete;
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
    InOrderOf(const detail::Source<T>& source, Normalisation& normalisation, int batch)
        : source_(source), normalisation_(std::move(normalisation)), batch_(batch) {
        detail::expect_batch("images in order", batch);
        const auto images = static_cast<Size>(std::min(batch, source_.size));
        images_.resize(images * normalisation_.image.size());
        labels_.resize(images);
    }

    void prepare(std::int64_t step) {
        const std::int64_t begin = step * batch_;
        const int n = static_cast<int>(std::clamp<std::int64_t>(source_.size - begin, 0, batch_));
        const Size image = normalisation_.image.size();
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            T* to = images_.data() + i * image;
            labels_[i] = source_.read(source_.set, static_cast<Size>(begin) + i, {}, normalisation_, {}, to);
        }
        current_ = detail::batch_of<T>(n, normalisation_.image, images_.data(), labels_.data(), step, 0);
    }

    detail::Source<T> source_;
    Normalisation normalisation_;
    int batch_;
    std::vector<T> images_;
    std::vector<int> labels_;
    BatchOf<T> current_;
};
using InOrder = InOrderOf<float>;

}  // namespace residua::inline RESIDUA_ISA::data
