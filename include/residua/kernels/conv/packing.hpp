// Weights in the order in which direct kernels read them.
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/plan.hpp>
#include <residua/simd/elementary.hpp>

#include <algorithm>
#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// A cell of a matrix: cell[row][lane] = from[lane * lane_step + row * row_step], one of the steps being one; so many lanes and
// rows. (The general loop below takes 2.3 ns a weight: with it, packing was 3.6 % of a training step of ResNet-50.)
template <class T>
void pack_matrix_cell(const T* from, Offset lane_step, Offset row_step, int real_lanes, int rows, T* cell) {
    constexpr int lanes = simd::lanes<T>;
    if (lane_step == 1) {
        for (int row = 0; row < rows; ++row) std::copy_n(from + row * row_step, real_lanes, cell + row * lanes);
        return;
    }
    for (int l = 0; l < real_lanes; ++l) {
        for (int row = 0; row < rows; ++row) cell[row * lanes + l] = from[l * lane_step + row];
    }
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
    const bool is_matrix = p.taps == 1 && p.g.groups == 1;
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
            if (is_matrix) {
                pack_matrix_cell(weights + first * lane_step + slot * lanes * step, lane_step, step, real,
                                 std::min(lanes, side.other - slot * lanes), cell);
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
