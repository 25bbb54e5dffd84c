// Weights in the order in which direct kernels read them.
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/plan.hpp>
#include <residua/simd/elementary.hpp>
#include <residua/simd/transpose.hpp>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace residua::inline RESIDUA_ISA::kernels {

// The lines of a full cell [tap][in][out lane] in the order of an output's weights, [in][tap].
template <class T>
class CellLines {
public:
    CellLines(T* cell, int taps) : cell_(cell), taps_(taps) {}

    T* next() {
        T* const line = cell_ + (tap_ * lanes + in_) * lanes;
        if (++tap_ == taps_) {
            tap_ = 0;
            ++in_;
        }
        return line;
    }

private:
    static constexpr int lanes = simd::lanes<std::remove_const_t<T>>;

    T* cell_;
    int taps_;
    int tap_ = 0;
    int in_ = 0;
};

// The weights of a block of outputs and one of inputs, both full, in lines of outputs; or, transposed, of inputs.
//
//   from   [out][in][tap], an output's `output_step` from the one before
//   cell   [tap][in][out lane]; transposed [tap][out][in lane]
//
// (In registers: 0.2 to 0.5 ns a weight on an Intel Xeon. Scalar by scalar it was 0.7 to 1.1, and on a Zen 4 2.3 of 1x1 kernels,
// where packing was 3.6 % of a training step of ResNet-50; for one image it is most of a gradient of many channels.)
template <class T>
__attribute__((noinline)) void pack_full_cell(const T* from, Offset output_step, int taps, bool transposed, T* cell) {
    using Tile = simd::Tile<T>;
    constexpr int lanes = simd::lanes<T>;
    if (transposed && taps == 1) {
        for (int out = 0; out < lanes; ++out) std::copy_n(from + out * output_step, lanes, cell + out * lanes);
        return;
    }

    CellLines<T> lines(cell, taps);
    for (int column = 0; column < lanes * taps; column += Tile::width) {
        T* to[static_cast<Size>(Tile::width)];
        for (T*& line : to) line = lines.next();
        for (int out = 0; out < lanes; out += Tile::width) {
            Tile tile;
            simd::unroll<Tile::width>([&](auto i) RESIDUA_INLINE_LAMBDA {
                tile.rows[i] = simd::Register<T>::load_unaligned(from + ((out + i) * output_step + column));
            });
            tile.transpose();
            simd::unroll<Tile::width>([&](auto i) RESIDUA_INLINE_LAMBDA { tile.rows[i].store_aligned(to[i] + out); });
        }
    }
    if (!transposed) return;
    for (int k = 0; k < taps; ++k) simd::transpose(cell + k * lanes * lanes);
}

// [out][in / groups][k][k] -> [out block][slot][tap][cell row][out lane], or transposed [in block][slot][tap][cell row][in lane];
// zeros beyond the last channels and between groups. A cell's row is a lane of the slot's block, or a channel of each lane's own
// group. Weights too small to be normal are packed as zeros. (Cell by cell, and in the order of what is read: lanes whose weights
// lie a power of two apart would share a set of the cache. One image's data gradient from 256 to 64 channels on 8x8 was packing
// for the most part, and went from 17 to 80 % of the peak.)
template <class T>
__attribute__((noinline)) void pack_weights(const Team& team, const DirectPlan& p, const T* weights, T* to, bool transposed) {
    constexpr int lanes = simd::lanes<T>;
    const Connection& side = transposed ? p.from_in : p.from_out;
    const Offset block_size = p.cell * (transposed ? p.out_slots : p.in_slots);
    const int bundle_blocks = transposed ? p.gradient_blocks : p.forward_blocks;
    const Offset of_output = static_cast<Offset>(p.g.inputs_a_group()) * p.taps;
    const Offset step = transposed ? of_output : p.taps;  // from one channel of the other side to the next
    const Offset lane_step = transposed ? p.taps : of_output;
    const bool has_zeros = p.g.groups > 1 || side.channels % lanes != 0 || side.other % lanes != 0;

    team.run(transposed ? p.in_blocks : p.out_blocks, [&](int block, std::byte*) {
        const int first = block * lanes;
        const int real = std::min(lanes, side.channels - first);
        Range others[static_cast<Size>(lanes)];   // that a lane is connected to
        Offset begins[static_cast<Size>(lanes)];  // of its weights, if it were connected to all from the first on
        for (int l = 0; l < real; ++l) {
            const int group = (first + l) / side.own;
            others[l] = {group * side.other, (group + 1) * side.other};
            begins[l] = transposed ? static_cast<Offset>((first + l) % side.own) * p.taps
                                   : (first + l) * of_output - static_cast<Offset>(others[l].begin) * p.taps;
        }

        const int bundle = block / bundle_blocks;
        const Range slots = blocks_over(transposed ? p.outputs_of(bundle) : p.inputs_of(bundle), lanes);
        T* cell = to + block * block_size;
        if (has_zeros) std::memset(cell, 0, static_cast<Size>(block_size) * sizeof(T));
        for (int slot = slots.begin; slot < slots.end; ++slot, cell += p.cell) {
            const auto take = [&](int row, int l) {
                const int other = p.own_group > 0 ? others[l].begin + row : slot * lanes + row;
                if (other < others[l].begin || other >= others[l].end) return;
                const T* from = weights + begins[l] + other * step;
                for (int k = 0; k < p.taps; ++k) cell[(k * p.cell_rows + row) * lanes + l] = from[k];
            };
            const bool is_full = p.g.groups == 1 && real == lanes && (slot + 1) * lanes <= side.other;
            if (is_full) {
                pack_full_cell(weights + first * lane_step + slot * lanes * step, of_output, p.taps, transposed, cell);
            } else if (transposed) {
                for (int row = 0; row < p.cell_rows; ++row) {
                    for (int l = 0; l < real; ++l) take(row, l);
                }
            } else {
                for (int l = 0; l < real; ++l) {
                    for (int row = 0; row < p.cell_rows; ++row) take(row, l);
                }
            }
            for (T* line = cell; line < cell + p.cell; line += lanes) simd::store(line, simd::flushed(simd::load(line)));
        }
    });
}

}  // namespace residua::inline RESIDUA_ISA::kernels
