// ResNet-20 for bench/networks/compare.py: a line "WORK TIMES" of standard input is answered by a line of so many seconds, one
// for each time that the work was done. WORK: train (a step on 128 images), infer_1, infer_128. One thread.
#include "support/peak.hpp"

#include <residua/residua.hpp>

#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace residua;
using Net = cifar::PreActResNet<20>;
constexpr int batch = 128;

class Work {
public:
    Work() : images_(static_cast<Size>(batch) * Net::input_shape.size()), labels_(batch) {
        for (Size i = 0; i < images_.size(); ++i) images_[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i)));
        for (int i = 0; i < batch; ++i) labels_[static_cast<Size>(i)] = i % 10;
    }

    // False if there is no such work.
    bool once(const std::string& work) {
        if (work == "train") {
            trainer_.step(images_.data(), labels_.data(), batch, 0.05);
        } else if (work == "infer_1") {
            logits_ = engine_(std::span<const float>(images_.data(), Net::input_shape.size()), one_)[0];
        } else if (work == "infer_128") {
            logits_ = engine_(std::span<const float>(images_), all_)[0];
        } else {
            return false;
        }
        return true;
    }

private:
    std::vector<float> images_;
    std::vector<int> labels_;
    Parameters<Net> parameters_ = initialized<Net>();
    Trainer<Net, batch> trainer_{parameters_};
    Inference<Net> engine_{parameters_};
    Inference<Net>::Workspace<1> one_;
    Inference<Net>::Workspace<batch> all_;
    volatile float logits_ = 0;
};

}  // namespace

int main() {
    Work work;
    std::string name;
    int times = 0;
    while (std::cin >> name >> times) {
        for (int i = 0; i < times; ++i) {
            const double begin = bench::seconds();
            if (!work.once(name)) {
                std::cerr << "expected train, infer_1 or infer_128, found " << name << "\n";
                return 2;
            }
            std::printf("%.9f ", bench::seconds() - begin);
        }
        std::printf("\n");
        std::fflush(stdout);
    }
}
