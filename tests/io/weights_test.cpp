// Parameters from files, of this library and of others.
#include <doctest/doctest.h>

#include <residua/io/test_vector.hpp>
#include <residua/residua.hpp>

#include "../support/folder.hpp"
#include "../support/memory_limit.hpp"
#include "../support/message.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace residua::io {
namespace {

using testing::has;
using testing::TemporaryFolder;

using Net = Network<Shape{3, 8, 8}, cifar::BasicSpec<8, PreActivation, Project, 5, 6>>;

TEST_CASE("weights are saved and loaded by name, all or nothing") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "net.safetensors";
    const Parameters<Net> saved = initialized<Net>();
    save(saved, path);
    Parameters<Net> loaded;
    load(loaded, path);
    CHECK(loaded == saved);

    using Other = Network<Shape{3, 8, 8}, cifar::BasicSpec<8, PreActivation, Project, 7, 6>>;
    Parameters<Other> other = initialized<Other>();
    const Parameters<Other> before = other;
    CHECK_THROWS_WITH_AS(
        load(other, path),
        (path.string() + ": expected the tensors of this network, found others\n"
                         "  2 of another shape or type: 'fc.weight', expected [7, 24], found [5, 24], 'fc.bias', expected [7], "
                         "found [5]")
            .c_str(),
        Error);
    CHECK(other == before);
    using Deeper = Network<Shape{3, 8, 8}, cifar::BasicSpec<14, PreActivation, Project, 5, 6>>;
    Parameters<Deeper> deeper;
    CHECK_THROWS_AS(load(deeper, path), Error);
    using Wider = Network<Shape{3, 8, 8}, cifar::BasicSpec<14, PreActivation, Project, 5, 6>>;
    save(initialized<Wider>(), path);
    CHECK_THROWS_AS(load(loaded, path), Error);  // tensors that the network does not have
    CHECK(loaded == saved);
    CHECK_THROWS_AS(load(loaded, folder.path() / "none"), Error);
    CHECK_THROWS_AS(save(saved, folder.path() / "no/such/folder"), Error);
}

TEST_CASE("tensors that are left out stay as they are, and all others are loaded") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "net.safetensors";
    const Parameters<Net> trained = initialized<Net>(HeNormal{FanOut{}}, 1);
    save(trained, path);

    using Other = Network<Shape{3, 8, 8}, cifar::BasicSpec<8, PreActivation, Project, 7, 6>>;
    const Parameters<Other> fresh = initialized<Other>(HeNormal{FanOut{}}, 2);
    Parameters<Other> other = fresh;
    load(other, path, LeaveOut{"fc."});
    Other::for_each_tensor([&](const TensorInfo& info) {
        const std::string name(info.name.view());
        CAPTURE(name);
        if (name.starts_with("fc.")) {
            CHECK(std::equal(other.data(info), other.data(info) + info.size, fresh.data(info)));
        } else {
            const std::vector<float> stored = SafetensorsFile::read(path).values<float>(name);
            CHECK(std::equal(stored.begin(), stored.end(), other.data(info)));
        }
    });

    // A map names what the file calls them, what is left out among it; or the file may not have it at all.
    Parameters<Net> renamed = trained;
    std::vector<TensorToWrite<float>> tensors;
    const auto theirs = [](std::string name) { return name.starts_with("fc.") ? "linear" + name.substr(2) : name; };
    Net::for_each_tensor([&](const TensorInfo& info) {
        tensors.push_back({theirs(std::string(info.name.view())), shape_of(info), renamed.data(info)});
    });
    const auto theirs_path = folder.path() / "theirs.safetensors";
    write_safetensors(theirs_path, tensors);
    Parameters<Other> mapped = fresh;
    load(mapped, theirs_path, theirs, LeaveOut{"fc."});
    CHECK(mapped == other);
    std::erase_if(tensors, [](const auto& tensor) { return tensor.name.starts_with("linear"); });
    write_safetensors(theirs_path, tensors);
    mapped = fresh;
    load(mapped, theirs_path, {"fc."});
    CHECK(mapped == other);

    // What else does not fit is an error as ever, and leaves everything.
    const auto refused = [&](const LeaveOut& left_out) {
        Parameters<Other> parameters = fresh;
        const std::string why = testing::message_of([&] { load(parameters, theirs_path, left_out); });
        CHECK(parameters == fresh);
        return why;
    };
    const std::string others = theirs_path.string() + ": expected the tensors of this network, found others\n  ";
    CHECK(refused({}) == others + "2 missing: 'fc.weight' [7, 24], 'fc.bias' [7]");
    CHECK(refused({"fc.", "head."}) ==
          "residua: load: expected tensors to leave out that the network has, found none whose name begins with 'head.'");
    tensors[0].name = "stem.weight";
    write_safetensors(theirs_path, tensors);
    CHECK(refused({"fc."}) ==
          others + "1 missing: 'conv1.weight' [6, 3, 3, 3]\n  1 not of this network: 'stem.weight' [6, 3, 3, 3]");
    CHECK(refused({"fc.", "conv1."}) == others + "1 not of this network: 'stem.weight' [6, 3, 3, 3]");
}

TEST_CASE("tensors of another network's are passed over, and one tensor is not two of a network's") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "net.safetensors";
    const Parameters<Net> trained = initialized<Net>();
    std::vector<TensorToWrite<float>> tensors;
    Net::for_each_tensor([&](const TensorInfo& info) {
        tensors.push_back({"trunk." + std::string(info.name.view()), shape_of(info), trained.data(info)});
    });
    tensors.push_back({"value.fc.weight", {2, 3}, trained.parameters()});
    tensors.push_back({"value.fc.bias", {2}, trained.parameters()});
    write_safetensors(path, tensors);

    constexpr NameMap theirs{{"*", "trunk.*"}};
    CHECK(parameters_of<Net>(path, theirs, PassOver{"value.", "not.there."}) == trained);
    Parameters<Net> loaded;
    load(loaded, path, theirs, LeaveOut{"fc."}, PassOver{"value."});
    CHECK(loaded.tensor<"conv1.weight">()[0] == trained.tensor<"conv1.weight">()[0]);
    const std::string others = path.string() + ": expected the tensors of this network, found others\n  ";
    CHECK(testing::message_of([&] { parameters_of<Net>(path, theirs, PassOver{"value.fc.w"}); }) ==
          others + "1 not of this network: 'value.fc.bias' [2]");

    // A name that is the network's is no other's, whatever is to be passed over.
    CHECK(parameters_of<Net>(path, theirs, PassOver{""}) == trained);

    // The file has all that such a map asks for; those that are left out ask for nothing.
    const auto alike = [](std::string name) { return "trunk." + (name == "bn1.bias" ? "bn1.weight" : name); };
    CHECK(testing::message_of([&] { parameters_of<Net>(path, alike, PassOver{""}); }) ==
          others + "1 that two tensors of the network share: 'trunk.bn1.weight' for 'bn1.weight' and 'bn1.bias'");
    load(loaded, path, alike, LeaveOut{"bn1.bias"}, PassOver{"value.", "trunk.bn1.bias"});
    CHECK(loaded.tensor<"bn1.weight">()[0] == 1);
}

TEST_CASE("a file's own names are met by a map" * doctest::skip(testing::data_folder().empty())) {
    std::filesystem::path file;
    for (const auto& entry : std::filesystem::directory_iterator(testing::data_folder() / "weights")) {
        const std::string name = entry.path().filename().string();
        if (name.find("20") != std::string::npos && entry.path().extension() == ".safetensors") file = entry.path();
    }
    REQUIRE(!file.empty());
    using Trained = cifar::BasicResNet<20, Original, CentredZeroPadding>;
    Parameters<Trained> parameters;
    load(parameters, file, akamaster);
    CHECK(parameters.tensor<"conv1.weight">()[0] != 0);
    CHECK(parameters_of<Trained>(file, name_map("akamaster")) == parameters);
    CHECK(has(testing::message_of([&] { parameters_of<Trained>(file); }),
              "\n  2 missing: 'fc.weight' [10, 64], 'fc.bias' [10]\n  2 not of this network: 'linear.bias' [10], 'linear.weight' "
              "[10, 64]"));
}

TEST_CASE("what does not fit is one error, shortened, that tells what the map made") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "net.safetensors";
    const Parameters<Net> trained = initialized<Net>();
    std::vector<TensorToWrite<float>> tensors;
    Net::for_each_tensor([&](const TensorInfo& info) {
        tensors.push_back({std::string(info.name.view()), shape_of(info), trained.data(info)});
    });
    tensors[0].shape = {6, 3, 9};
    for (int i = 0; i < 11; ++i) tensors.push_back({"more." + std::to_string(i), {1}, trained.parameters()});
    tensors.push_back({"bn1.num_batches_tracked", {}, trained.parameters()});
    write_safetensors(path, tensors);
    Parameters<Net> parameters = trained;
    const std::string why = testing::message_of([&] { load(parameters, path, akamaster); });
    CHECK(why == path.string() +
                     ": expected the tensors of this network, found others\n"
                     "  2 missing: 'linear.weight' [5, 24] for 'fc.weight', 'linear.bias' [5] for 'fc.bias'\n"
                     "  1 of another shape or type: 'conv1.weight', expected [6, 3, 3, 3], found [6, 3, 9]\n"
                     "  13 not of this network: 'fc.bias' [5], 'fc.weight' [5, 24], 'more.0' [1], 'more.1' [1], 'more.10' [1], "
                     "'more.2' [1], 'more.3' [1], 'more.4' [1] and 5 more");
    CHECK(parameters == trained);
}

TEST_CASE("parameters of a file: 16-bit and double values, a linear layer as a 1x1 convolution") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "net.safetensors";
    const Parameters<Net> trained = initialized<Net>();
    save(trained, path);
    CHECK(parameters_of<Net>(path) == trained);

    std::vector<std::vector<double>> values;
    std::vector<TensorToWrite<double>> tensors;
    Net::for_each_tensor([&](const TensorInfo& info) {
        values.emplace_back(trained.data(info), trained.data(info) + info.size);
        std::vector<std::int64_t> shape = shape_of(info);
        if (info.name.view() == "fc.weight") shape.insert(shape.end(), {1, 1});
        if (info.name.view().ends_with("shortcut.0.weight")) shape.resize(2);
        tensors.push_back({"model." + std::string(info.name.view()), shape, values.back().data()});
    });
    write_safetensors(path, tensors);
    CHECK(parameters_of<Net>(path, NameMap{{"*", "model.*"}}) == trained);

    // Neither other extents nor other ranks are taken, and whole numbers are no weights.
    using Shape_ = std::vector<std::int64_t>;
    CHECK(detail::are_alike(Shape_{2, 3}, Shape_{2, 3, 1, 1}));
    CHECK_FALSE(detail::are_alike(Shape_{2, 3}, Shape_{3, 2, 1, 1}));
    CHECK_FALSE(detail::are_alike(Shape_{2, 3}, Shape_{2, 3, 1, 3}));
    CHECK_FALSE(detail::are_alike(Shape_{2, 3}, Shape_{2, 3, 1}));
    CHECK_FALSE(detail::are_alike(Shape_{6}, Shape_{6, 1, 1, 1}));

    tensors.pop_back();
    write_safetensors(path, tensors);
    CHECK(has(testing::message_of([&] { parameters_of<Net>(path, NameMap{{"*", "model.*"}}); }), "1 missing: 'model."));
}

TEST_CASE("parameters are in memory once") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "large.safetensors";
    using Large = Network<Shape{4096}, Flat<Linear<2048>>>;  // 33.6 MB
    save(initialized<Large>(), path);
    const testing::MemoryLimit limit(std::size_t{48} << 20);
    CHECK(testing::message_of([&] { parameters_of<Large>(path); }) == "none");
    CHECK(testing::message_of([&] { parameters_of<Large>(SafetensorsFile::read(path)); }) == "none");
}

TEST_CASE("a file's test vector is replayed") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "net.safetensors";
    const Parameters<Net> trained = initialized<Net>();
    const Inference<Net> engine(trained);
    std::vector<float> images(2 * Net::input.size());
    for (Size i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 7) - 3;
    TestVector<float> vector = test_vector_of(engine, images);
    REQUIRE(vector.logits.size() == 10);
    save(trained, path, {{"network", "small"}}, vector);
    CHECK(SafetensorsFile::read(path).info("test_vector.input").shape == std::vector<std::int64_t>{2, 3, 8, 8});
    CHECK(parameters_of<Net>(path) == trained);
    CHECK(replay(engine, path, 0) == 0);

    float largest = 0;
    for (const float logit : vector.logits) largest = std::max(largest, std::abs(logit));
    vector.logits[7] += largest / 8;
    save(trained, path, {}, vector);
    CHECK(replay(trained, path, 0.13) > 0.1);
    const std::string why = testing::message_of([&] { replay(engine, path, 0.05); });
    CHECK(has(why, "net.safetensors: test vector: expected logits that differ by at most 0.05 of the largest, found 0.1"));
    CHECK(has(why, "(image 1, logit 2: expected "));
    vector.logits[7] = std::numeric_limits<float>::quiet_NaN();
    save(trained, path, {}, vector);
    CHECK(has(testing::message_of([&] { replay(engine, path, 1e9); }), "found inf (image 1, logit 2: expected nan"));

    // Vectors that are none, or of another network.
    const auto refused = [&](const TestVector<float>& wrong) {
        return testing::message_of([&] { save(trained, path, {}, wrong); });
    };
    const std::string expected =
        "residua: save: expected a test vector of whole images of 192 values and as many rows of 5 logits, found ";
    CHECK(refused({}) == expected + "0 values and 0 logits");
    CHECK(refused({std::vector<float>(192), std::vector<float>(10)}) == expected + "192 values and 10 logits");
    CHECK(refused({std::vector<float>(200), std::vector<float>(5)}) == expected + "200 values and 5 logits");
    save(trained, path);
    CHECK(has(testing::message_of([&] { replay(engine, path, 1); }),
              "expected a test vector, found no tensor 'test_vector.input'"));
    const std::vector<float> zeros(64);
    write_safetensors<float>(path,
                             {{"test_vector.input", {1, 1, 8, 8}, zeros.data()}, {"test_vector.logits", {1, 5}, zeros.data()}});
    CHECK(has(testing::message_of([&] { replay(engine, path, 1); }),
              "tensor 'test_vector.input': expected shape [1, 3, 8, 8], found [1, 1, 8, 8]"));
}

TEST_CASE("a map of names is a few rules") {
    constexpr NameMap mine{{"fc.*", "classifier.*"}, {"layer#.#.conv#.weight", "s#-1/u#+10/c#"}, {"odd", "even"}};
    CHECK(mine("fc.weight") == "classifier.weight");
    CHECK(mine("fc.") == "classifier.");
    CHECK(mine("xfc.weight") == "xfc.weight");
    CHECK(mine("layer3.12.conv2.weight") == "s2/u22/c2");
    CHECK(mine("layer3.12.conv2.weights") == "layer3.12.conv2.weights");
    CHECK(mine("layer3..conv2.weight") == "layer3..conv2.weight");
    CHECK(mine("odd") == "even");
    CHECK(mine("odds") == "odds");
    CHECK(mine("") == "");

    const auto refused = [](const NameRule& rule) { return testing::message_of([&] { NameMap{rule}; }); };
    const std::string what =
        "residua: a map of names: expected the same numbers # and at the end the same * on both sides, found ";
    CHECK(refused({"a.#", "b"}) == what + "'a.#' and 'b'");
    CHECK(refused({"a.*", "b"}) == what + "'a.*' and 'b'");
    CHECK(refused({"*.a", "*.b"}) == what + "'*.a' and '*.b'");
    CHECK(refused({"", ""}) == "none");

    CHECK(torchvision("layer2.0.shortcut.0.weight") == "layer2.0.downsample.0.weight");
    CHECK(torchvision("layer2.0.bn3.running_var") == "layer2.0.bn3.running_var");
    CHECK(timm("conv1.weight") == "stem.conv.weight");
    CHECK(timm("layer4.2.bn1.running_mean") == "stages.3.blocks.2.norm1.running_mean");
    CHECK(timm("layer1.0.shortcut.0.weight") == "stages.0.blocks.0.downsample.conv.weight");
    CHECK(timm("bn1.bias") == "norm.bias");
    CHECK(fb("layer4.2.conv3.weight") == "7.2.0.0.6.weight");
    CHECK(fb("layer1.0.shortcut.1.running_var") == "4.0.0.1.1.running_var");
    CHECK(fb_preact("layer1.0.bn2.weight") == "4.0.0.0.4.weight");
    CHECK(fb_preact("layer2.0.bn1.weight") == "5.0.0.weight");
    CHECK(fb_preact("layer2.0.shortcut.0.weight") == "5.0.2.1.0.weight");
    CHECK(fb_preact("layer2.1.conv3.weight") == "5.1.0.0.8.weight");
    CHECK(keras("layer3.5.conv3.bias") == "conv4_block6_3_conv.bias");
    CHECK(keras("layer3.5.bn1.weight") == "conv4_block6_preact_bn.weight");
    CHECK_THROWS_WITH_AS(
        name_map("caffe"),
        "residua: expected a map of names out of as_is, torchvision, timm, akamaster, fb, fb_preact, keras, found "
        "'caffe'",
        Error);
}

}  // namespace
}  // namespace residua::io
