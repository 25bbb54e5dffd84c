// A program that is a trained network: its weights lie within the executable, it opens no file, and once it has begun it
// allocates nothing. For a device, a plug-in, a command of a few hundred kilobytes.
//
//   build:  cmake --preset release -DRESIDUA_EMBED_WEIGHTS=FILE && cmake --build --preset release --target embed
//           (a safetensors file of the network in network.hpp; without it, initial weights)
//   run:    build/release/examples/embed/embed <IMAGES
//
// Reads images of 28 x 28 bytes from standard input, and prints a class for each. Ends with 1 if the last one is not whole, if
// they cannot be read, or the classes not be printed.
#include "network.hpp"

#include <residua/inference/engine.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>

// 1. The assembler puts the file where constants stand. It is the block of Parameters<Net>, as pack wrote it: nothing is parsed.
__asm__(
    ".pushsection .rodata\n"
    ".balign 64\n"
    "embedded_weights: .incbin \"" RESIDUA_EMBED_BLOCK
    "\"\n"
    "embedded_weights_end:\n"
    ".popsection\n");
extern "C" const float embedded_weights[];
extern "C" const float embedded_weights_end[];

// 2. That nothing is allocated is not promised but seen: from a line of main on, a call of new ends the program.
static bool may_allocate = true;

static void* allocated(std::size_t size, std::size_t alignment) {
    if (!may_allocate) std::abort();
    void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (!memory) std::abort();
    return memory;
}
void* operator new(std::size_t size) { return allocated(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocated(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace residua;
using Workspace = Inference<Net>::Workspace<1>;

// 3. The arena's size is known to the compiler, so it need not come from the heap at all.
alignas(64) static std::array<std::byte, Workspace::arena_bytes> arena_memory;

static Parameters<Net> embedded_parameters() {
    const std::span<const float> block(embedded_weights, embedded_weights_end);
    Parameters<Net> parameters;
    if (block.size() != parameters.values().size()) std::abort();  // (of another network: pack and embed share network.hpp)
    std::copy(block.begin(), block.end(), parameters.values().begin());
    return parameters;
}

int main() {
    const Inference<Net> engine(embedded_parameters());
    Workspace workspace{std::span<std::byte>(arena_memory)};
    static std::array<char, 4096> input_buffer;  // (the C library would take its own from the heap)
    static std::array<char, 4096> output_buffer;
    std::setvbuf(stdin, input_buffer.data(), _IOFBF, input_buffer.size());
    std::setvbuf(stdout, output_buffer.data(), _IOFBF, output_buffer.size());

    may_allocate = false;
    std::array<std::uint8_t, Net::input.size()> pixels;
    std::array<float, Net::input.size()> image;
    for (;;) {
        const std::size_t got = std::fread(pixels.data(), 1, pixels.size(), stdin);
        if (got == 0) break;
        if (got < pixels.size()) {
            std::fprintf(stderr, "embed: expected images of %zu bytes, found %zu at the end\n", pixels.size(), got);
            return 1;
        }
        std::transform(pixels.begin(), pixels.end(), image.begin(),
                       [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255; });
        const std::span<const float> logits = engine(image, workspace);
        std::printf("%d\n", static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    }
    if (std::ferror(stdin)) {
        std::fprintf(stderr, "embed: standard input cannot be read\n");
        return 1;
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        std::fprintf(stderr, "embed: standard output cannot be written\n");
        return 1;
    }
    return 0;
}
