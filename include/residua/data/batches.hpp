// Mini-batches, prepared on a thread of their own while the step before runs.
#pragma once

#include <residua/data/augment.hpp>

#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace residua::inline RESIDUA_ISA::data {

// n normalised images ([n][channels][height][width]) and their labels.
struct Batch {
    int n = 0;
    const float* images = nullptr;
    const int* labels = nullptr;
    std::int64_t step = 0;  // counted from the beginning of training
    std::int64_t epoch = 0;
};

// An endless row of batches. Each epoch is an order of its own of the data set, and its last batch may be smaller. A batch is a
// function of (seed, step), so that a run that begins at any step sees what it would have seen.
class Batches {
public:
    // Refers to the data set, which must outlive it. A batch larger than the set is the whole set. Errors: a data set or a
    // normalisation whose sizes do not fit; a batch below one; a window that could leave the image altogether; a negative step.
    Batches(const Dataset& set, Normalisation normalisation, Augmentation augmentation, int batch, std::uint64_t seed,
            std::int64_t first_step = 0)
        : set_(set),
          normalisation_(std::move(normalisation)),
          augmentation_(augmentation),
          batch_(batch),
          seed_(seed),
          next_(first_step) {
        expect_arguments();
        const auto images = static_cast<Size>(std::min(batch, set.size()));
        for (Slot& slot : slots_) {
            slot.images.resize(images * set.image.size());
            slot.labels.resize(images);
        }
        worker_ = std::thread([this] { work(); });
    }
    Batches(const Dataset&&, Normalisation, Augmentation, int, std::uint64_t, std::int64_t = 0) = delete;  // would dangle
    Batches(const Batches&) = delete;
    Batches& operator=(const Batches&) = delete;

    // (Said under the mutex: between the worker's question whether to stop and its sleep a notification would be lost.)
    ~Batches() {
        {
            const std::lock_guard lock(mutex_);
            stops_ = true;
        }
        changed_.notify_all();
        worker_.join();
    }

    std::int64_t steps_per_epoch() const { return steps_per_epoch(set_, batch_); }
    static std::int64_t steps_per_epoch(const Dataset& set, int batch) { return (std::int64_t{set.size()} + batch - 1) / batch; }

    // The next batch; it is valid until the call after this one. What went wrong on the other thread is thrown here.
    const Batch& next() {
        std::unique_lock lock(mutex_);
        if (taken_) slots_[current_].ready = false;
        if (taken_) current_ = 1 - current_;
        taken_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return slots_[current_].ready || failure_; });
        if (failure_) std::rethrow_exception(failure_);
        return slots_[current_].batch;
    }

private:
    struct Slot {
        std::vector<float> images;
        std::vector<int> labels;
        Batch batch;
        bool ready = false;
    };

    void expect_arguments() const {
        expect_consistent(set_);
        expect_consistent(normalisation_);
        if (normalisation_.image != set_.image) {
            throw Error("residua: batches: expected a normalisation for images of " + detail::described(set_.image) +
                        ", found one for " + detail::described(normalisation_.image));
        }
        if (batch_ < 1) throw Error("residua: batches: expected at least 1 image a batch, found " + std::to_string(batch_));
        const int most = std::min(set_.image.height, set_.image.width) - 1;
        if (augmentation_.pad < 0 || augmentation_.pad > most) {
            throw Error("residua: batches: expected padding of 0 to " + std::to_string(most) + " pixels, below images of " +
                        detail::described(set_.image) + ", found " + std::to_string(augmentation_.pad));
        }
        if (next_ < 0) throw Error("residua: batches: expected a first step of 0 or more, found " + std::to_string(next_));
    }

    void work() {
        try {
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
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
            changed_.notify_all();
        }
    }

    void prepare(Slot& slot, std::int64_t step) {
        const std::int64_t epoch = step / steps_per_epoch();
        if (epoch != ordered_epoch_) {
            order_ = random::permutation(static_cast<std::uint32_t>(set_.size()), seed_, static_cast<std::uint64_t>(epoch));
            ordered_epoch_ = epoch;
        }
        const std::int64_t begin = step % steps_per_epoch() * batch_;
        const int n = static_cast<int>(std::min<std::int64_t>(batch_, set_.size() - begin));
        for (int i = 0; i < n; ++i) {
            const std::uint32_t sample = order_[static_cast<Size>(begin + i)];
            const Placement placement = placement_of(augmentation_, seed_, static_cast<std::uint64_t>(epoch), sample);
            normalise(set_.image_at(sample), normalisation_, placement,
                      slot.images.data() + static_cast<Size>(i) * set_.image.size());
            slot.labels[static_cast<Size>(i)] = set_.labels[sample];
        }
        slot.batch = {n, slot.images.data(), slot.labels.data(), step, epoch};
    }

    const Dataset& set_;
    Normalisation normalisation_;
    Augmentation augmentation_;
    int batch_;
    std::uint64_t seed_;

    // Of the worker alone.
    std::int64_t next_;
    std::int64_t ordered_epoch_ = -1;
    std::vector<std::uint32_t> order_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::array<Slot, 2> slots_;
    Size current_ = 0;
    bool taken_ = false;
    bool stops_ = false;
    std::exception_ptr failure_;
    std::thread worker_;
};

}  // namespace residua::inline RESIDUA_ISA::data
