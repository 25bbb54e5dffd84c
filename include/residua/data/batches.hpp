// Mini-batches, prepared on a thread of their own while the step before runs.
#pragma once

#include <residua/data/batch.hpp>
#include <residua/data/source.hpp>

#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace residua::inline RESIDUA_ISA::data {

// An endless row of batches. Each epoch is an order of its own of the data set, and its last batch may be smaller. A batch is a
// function of (seed, step), so that a run that begins at any step sees what it would have seen. T is the network's scalar.
template <class T>
class BatchesOf {
public:
    // Refers to the data set, which must outlive it. A batch larger than the set is the whole set. Errors: a data set or a
    // normalisation whose sizes do not fit; a batch below one; a window that could leave the image altogether; a negative step.
    template <class Pixel>
    BatchesOf(const DatasetOf<Pixel>& set, Normalisation normalisation, AugmentationOf<T> augmentation, int batch,
              std::uint64_t seed, std::int64_t first_step = 0)
        : BatchesOf(detail::source_of<T>("batches", set, normalisation), normalisation, augmentation, batch, seed, first_step) {}
    template <class Pixel>
    BatchesOf(const DatasetOf<Pixel>&&, Normalisation, AugmentationOf<T>, int, std::uint64_t,
              std::int64_t = 0) = delete;  // would dangle

    // The same of images that are read as their batch is prepared. Errors beside these: a look that they cannot be given. (One
    // thread decodes 300 photographs of 500x375 pixels a second, far more than are trained on.)
    BatchesOf(const ImageSource& set, Normalisation normalisation, AugmentationOf<T> augmentation, int batch, std::uint64_t seed,
              std::int64_t first_step = 0)
        : BatchesOf(detail::source_of<T>("batches", set, normalisation), normalisation, augmentation, batch, seed, first_step) {}
    BatchesOf(const ImageSource&&, Normalisation, AugmentationOf<T>, int, std::uint64_t, std::int64_t = 0) = delete;

    BatchesOf(const BatchesOf&) = delete;
    BatchesOf& operator=(const BatchesOf&) = delete;

    // (Said under the mutex: between the worker's question whether to stop and its sleep a notification would be lost.)
    ~BatchesOf() {
        {
            const std::lock_guard lock(mutex_);
            stops_ = true;
        }
        changed_.notify_all();
        worker_.join();
    }

    std::int64_t steps_per_epoch() const { return steps_of(source_.size, batch_); }
    template <class Pixel>
    static std::int64_t steps_per_epoch(const DatasetOf<Pixel>& set, int batch) {
        return steps_of(set.size(), batch);
    }
    static std::int64_t steps_per_epoch(const ImageSource& set, int batch) { return steps_of(set.size(), batch); }

    // The next batch; it is valid until the call after this one. What went wrong on the other thread while it prepared this batch
    // is thrown here, and by every later call.
    const BatchOf<T>& next() {
        std::unique_lock lock(mutex_);
        if (taken_) slots_[current_].ready = false;
        if (taken_) current_ = 1 - current_;
        taken_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return slots_[current_].ready || failure_; });
        if (!slots_[current_].ready) std::rethrow_exception(failure_);
        return slots_[current_].batch;
    }

private:
    struct Slot {
        std::vector<T> images;
        std::vector<int> labels;
        BatchOf<T> batch;
        bool ready = false;
    };

    BatchesOf(const detail::Source<T>& source, Normalisation& normalisation, AugmentationOf<T>& augmentation, int batch,
              std::uint64_t seed, std::int64_t first_step)
        : source_(source),
          normalisation_(std::move(normalisation)),
          augmentation_(std::move(augmentation)),
          batch_(batch),
          seed_(seed),
          next_(first_step) {
        expect_arguments();
        const auto images = static_cast<Size>(std::min(batch_, source_.size));
        for (Slot& slot : slots_) {
            slot.images.resize(images * normalisation_.image.size());
            slot.labels.resize(images);
        }
        if (augmentation_.on_pixels) pixels_.resize(normalisation_.image.size());
        worker_ = std::thread([this] { work(); });
    }

    static std::int64_t steps_of(int images, int batch) { return (std::int64_t{images} + batch - 1) / batch; }

    void expect_arguments() const {
        detail::expect_batch("batches", batch_);
        const Shape image = normalisation_.image;
        const int most = std::min(image.height, image.width) - 1;
        if (augmentation_.pad < 0 || augmentation_.pad > most) {
            fail("residua: batches: expected padding of 0 to " + std::to_string(most) + " pixels, below images of " +
                 shown(image) + ", found " + std::to_string(augmentation_.pad));
        }
        source_.expect_can(source_.set, look_at(0, 0));
        if (next_ < 0) fail("residua: batches: expected a first step of 0 or more, found " + std::to_string(next_));
    }

    void work() {
#ifdef __cpp_exceptions
        try {
            prepare_all();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
            changed_.notify_all();
        }
#else
        prepare_all();
#endif
    }

    void prepare_all() {
        for (Size slot = 0;; slot = 1 - slot) {
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [&] { return !slots_[slot].ready || stops_; });
                if (stops_) return;
            }
            prepare(slots_[slot], next_++);
            {
                const std::lock_guard lock(mutex_);
                slots_[slot].ready = true;
            }
            changed_.notify_all();
        }
    }

    void prepare(Slot& slot, std::int64_t step) {
        const std::int64_t epoch = step / steps_per_epoch();
        if (epoch != ordered_epoch_) {
            order_ = random::permutation(static_cast<std::uint32_t>(source_.size), seed_, static_cast<std::uint64_t>(epoch));
            ordered_epoch_ = epoch;
        }
        const auto in_epoch = static_cast<std::uint64_t>(epoch);
        const Size image = normalisation_.image.size();
        const std::int64_t begin = step % steps_per_epoch() * batch_;
        const int n = static_cast<int>(std::min<std::int64_t>(batch_, source_.size - begin));
        for (int i = 0; i < n; ++i) {
            const std::uint32_t sample = order_[static_cast<Size>(begin + i)];
            T* to = slot.images.data() + static_cast<Size>(i) * image;
            slot.labels[static_cast<Size>(i)] = read_augmented(sample, in_epoch, to);
        }
        slot.batch = detail::batch_of<T>(n, normalisation_.image, slot.images.data(), slot.labels.data(), step, epoch);
    }

    // (Padding draws with the index 0.)
    Look look_at(std::uint32_t sample, std::uint64_t epoch) const {
        return {augmentation_.shorter_side, augmentation_.scale_and_aspect, {seed_, random::Purpose::crop, 1, epoch, sample}};
    }

    int read_augmented(std::uint32_t sample, std::uint64_t epoch, T* to) {
        const Placement placement = placement_of(augmentation_, seed_, epoch, sample);
        const Look look = look_at(sample, epoch);
        int label = 0;
        if (augmentation_.on_pixels) {
            label = source_.read_pixels(source_.set, sample, look, pixels_);
            augmentation_.on_pixels(pixels_, detail::key_of(detail::Change::pixels, seed_, epoch, sample));
            normalise(pixels_.data(), normalisation_, placement, to);
        } else {
            label = source_.read(source_.set, sample, look, normalisation_, placement, to);
        }
        if (augmentation_.on_input) {
            augmentation_.on_input({to, normalisation_.image.size()},
                                   detail::key_of(detail::Change::input, seed_, epoch, sample));
        }
        return label;
    }

    detail::Source<T> source_;
    Normalisation normalisation_;
    AugmentationOf<T> augmentation_;
    int batch_;
    std::uint64_t seed_;

    // Of the worker alone.
    std::int64_t next_;
    std::int64_t ordered_epoch_ = -1;
    std::vector<std::uint32_t> order_;
    std::vector<T> pixels_;  // of one image, where the user changes them

    std::mutex mutex_;
    std::condition_variable changed_;
    std::array<Slot, 2> slots_;
    Size current_ = 0;
    bool taken_ = false;
    bool stops_ = false;
    std::exception_ptr failure_;
    std::thread worker_;
};
using Batches = BatchesOf<float>;

}  // namespace residua::inline RESIDUA_ISA::data
