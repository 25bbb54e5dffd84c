// The trained weights as files: those of the last epoch, and of the best.
#pragma once

#include "../parts/image_set.hpp"
#include "outputs.hpp"
#include "progress.hpp"

#include <residua/any_network.hpp>
#include <residua/data/augment.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace train {

// The place in the list of the epoch with the lowest training loss, the first of equal ones; of the epochs from `from` on. (The
// test images have no say: an error that has chosen its own epoch would be too good.) There must be one.
std::size_t best_of(const std::vector<Epoch>& epochs, std::size_t from);

// What a reader of the weights must know to use them, as lines "name: value": the run's settings, and how a pixel of 0 to 255
// becomes an input, (pixel / 255 - mean) scale, with means and scales one a channel, or means one a pixel.
std::string weights_description(const std::string& settings, const residua::data::Normalisation& normalisation,
                                const parts::ImageSet& train_set);

// Writes them as the run goes on. A file is the same whether or not the run was interrupted: what it holds is a function of the
// settings.
class Weights {
public:
    // Of the network `self`, which has come as far as `progress` says. `settings` are the run's, `description` as above.
    Weights(const Outputs& outputs, const residua::AnyNetwork& network, const void* self, const Progress& progress,
            std::string settings, std::string description);

    // After a checkpoint was loaded. Where the best epoch's weights are neither in their file nor the checkpoint's, they cannot
    // be had back: says so, and the best is sought among the epochs to come.
    void resume();

    // After an epoch: the last, and if it is the best so far, the best. What cannot be written is said on standard error, and
    // training goes on.
    void end_epoch();

    // Error: a file cannot be written, or the best epoch's could not be.
    void finish();

    // "FILE (last epoch), FILE (epoch 3, the lowest training loss)", or why there are none.
    std::string in_words() const;

private:
    bool is_kept() const { return !outputs_.weights().empty(); }
    bool best_is_kept() const { return !outputs_.best_weights().empty(); }
    std::size_t best() const { return best_of(progress_.epochs, first_); }
    bool best_is_on_disk() const;
    void write(const std::filesystem::path& path, const Epoch& epoch, const std::string& chosen) const;
    void write_last() const;

    const Outputs& outputs_;
    const residua::AnyNetwork& network_;
    const void* self_;
    const Progress& progress_;
    std::string settings_;
    std::string description_;
    std::size_t first_ = 0;     // of the epochs among which the best is sought
    std::string best_is_lost_;  // the error that the best could not be written with
};

}  // namespace train
