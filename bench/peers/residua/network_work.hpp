// A network's training steps and its inference by our side.
#pragma once

#include "catalogue.hpp"

#include <residua/residua.hpp>

#include <filesystem>
#include <span>

namespace peers {

// The rate of every step: low enough for any of the networks to learn from the same images for as long as it is timed.
constexpr double rate = 0.01;

template <class Net>
void append(std::vector<Tensor>& tensors, const residua::Parameters<Net>& parameters) {
    Net::for_each_tensor([&](const residua::TensorInfo& info) {
        const float* begin = parameters.data(info);
        tensors.push_back({std::string(info.name.view()),
                           {info.dimensions.begin(), info.dimensions.begin() + info.rank},
                           std::vector<float>(begin, begin + info.size)});
    });
}

// Where the network starts, in a file of the folder for the other sides. BN's shifts are 4 and -4 by turns: with zeros some of
// the millions of values before a ReLU are so small that two roundings see different signs, and gradients of two right programs
// are then 3 % apart (PyTorch's in float and in double, 16 images); so it is 0.04 %.
template <class Net>
residua::Parameters<Net> weights_for_all(const std::string& network, const Options& options) {
    residua::Parameters<Net> parameters = residua::initialized<Net>();
    Net::for_each_tensor([&](const residua::TensorInfo& info) {
        if (info.role != residua::Role::bn_bias) return;
        for (std::size_t c = 0; c < info.size; ++c) parameters.data(info)[c] = c % 2 == 0 ? 4.F : -4.F;
    });
    const std::string path = options.folder + "/" + network + ".safetensors";
    if (!std::filesystem::exists(path)) {
        std::vector<Tensor> tensors;
        append(tensors, parameters);
        write(tensors, path);
    }
    return parameters;
}

// Steps of SGD with momentum and weight decay on the same images. Results are those of one step: loss, weights, statistics and
// momentum.
template <class Net, int Batch>
class TrainingWork final : public Work {
public:
    TrainingWork(const std::string& network, const Options& options)
        : parameters_(weights_for_all<Net>(network, options)),
          trainer_(parameters_, residua::Sgd{}, {options.threads, 1}),
          images_(numbers(sequence::images, Batch * Net::input_shape.size())),
          labels_(Batch) {
        for (int i = 0; i < Batch; ++i) labels_[static_cast<std::size_t>(i)] = i % 10;
    }

    void run() override { loss_ = static_cast<float>(trainer_.step(images_, labels_, rate).loss); }

    std::vector<Tensor> results() override {
        std::vector<Tensor> tensors{{"loss", {1}, {loss_}}};
        append(tensors, parameters_);
        Net::for_each_tensor([&](const residua::TensorInfo& info) {
            if (residua::is_statistic(info.role)) return;
            const float* begin = trainer_.state().data() + info.offset;
            tensors.push_back({"momentum." + std::string(info.name.view()),
                               {info.dimensions.begin(), info.dimensions.begin() + info.rank},
                               std::vector<float>(begin, begin + info.size)});
        });
        return tensors;
    }

private:
    residua::Parameters<Net> parameters_;
    residua::Trainer<Net, Batch> trainer_;
    std::vector<float> images_;
    std::vector<int> labels_;
    float loss_ = 0;
};

template <class Net, int Batch>
class InferenceWork final : public Work {
public:
    InferenceWork(const std::string& network, const Options& options)
        : engine_(weights_for_all<Net>(network, options)),
          workspace_(options.threads),
          images_(numbers(sequence::images, Batch * Net::input_shape.size())) {}

    void run() override { logits_ = engine_(std::span<const float>(images_), workspace_); }

    std::vector<Tensor> results() override {
        return {{"logits", {Batch, Net::output_shape.channels}, std::vector<float>(logits_.begin(), logits_.end())}};
    }

private:
    residua::Inference<Net> engine_;
    typename residua::Inference<Net>::template Workspace<Batch> workspace_;
    std::vector<float> images_;
    std::span<const float> logits_;
};

// (A step has three times the multiply-adds of forward: two gradients. The first layer's gradient of its input, which nobody
// needs, counts as well.)
template <class Net, int Batch>
void add_training(Catalogue& catalogue, const std::string& network, bool deep = false) {
    Entry entry{work_name(network, Batch, "train"), 6.0 * static_cast<double>(Net::macs) * Batch, 0, deep, {}, {}};
    entry.make = [network](const Options& options) -> std::unique_ptr<Work> {
        return std::make_unique<TrainingWork<Net, Batch>>(network, options);
    };
    catalogue.push_back(std::move(entry));
}

template <class Net, int Batch>
void add_inference(Catalogue& catalogue, const std::string& network, bool deep = false) {
    Entry entry{work_name(network, Batch, "infer"), 2.0 * static_cast<double>(Net::macs) * Batch, 0, deep, {}, {}};
    entry.make = [network](const Options& options) -> std::unique_ptr<Work> {
        return std::make_unique<InferenceWork<Net, Batch>>(network, options);
    };
    catalogue.push_back(std::move(entry));
}

}  // namespace peers
