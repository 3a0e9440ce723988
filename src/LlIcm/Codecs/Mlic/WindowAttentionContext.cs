using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// MLIC+'s local context: attention inside the 5×5 window around every position, fused to 2C channels by a valid 5×5
/// convolution. [B, C, H, W] anchors (zeros elsewhere) → [B, 2C, H, W].
/// </summary>
public sealed class WindowAttentionContext : UnaryModule
{
    private const int Window = WindowAttentionKernel.Window, Area = WindowAttentionKernel.Area, Heads = 2;
    private const double Masked = -100;

    // Positions whose windows are laid out in memory at once; bounds the peak on large pictures.
    private const long ChunkPositions = 4096;

    private readonly int _channels;
    private readonly Tensor _table, _index;
    private readonly Linear _qkv, _projection;
    private readonly LayerNorm _norm1, _norm2;
    private readonly Mlp _mlp;
    private readonly Conv2d _fusion;

    /// <summary>A context of a slice with <paramref name="channels"/> channels.</summary>
    public WindowAttentionContext(int channels)
    {
        _channels = channels;
        _table = Parameter("relative_position_table", Initialization.Normal([(2 * Window - 1) * (2 * Window - 1), Heads], 0.02));
        _index = Buffer("relative_position_index", Tensor.From<long>(RelativePositions(), [Area, Area]));
        _qkv = Child("qkv_proj", new Linear(channels, channels * 3));
        _projection = Child("proj", new Linear(channels * 2, channels * 2));
        _mlp = Child("mlp", new Mlp(channels * 2, channels * 4));
        _norm1 = Child("norm1", new LayerNorm(channels));
        _norm2 = Child("norm2", new LayerNorm(channels * 2));
        _fusion = Child("fusion", new Conv2d(channels, channels * 2, Window, padding: 0));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        (long b, long h, long w) = (input.Size(0), input.Size(2), input.Size(3));
        Tensor qkv = _qkv.Forward(_norm1.Forward(input.Permute(0, 2, 3, 1))).Permute(0, 3, 1, 2);
        Tensor bias = _table.IndexSelect(0, _index.Reshape(-1)).Reshape(1, Area, Area, Heads).Permute(0, 3, 1, 2);
        Tensor anchors = Checkerboard.AnchorMask(input);

        // Rows of the map in chunks: 25 copies of q, k, v at once would be most of the codec's memory.
        long rows = Math.Max(1, ChunkPositions / (b * w));
        Tensor padded = qkv.Pad([2, 2, 2, 2]);
        Tensor paddedAnchors = anchors.Pad([2, 2, 2, 2]);
        var parts = new List<Tensor>();
        for (long top = 0; top < h; top += rows)
        {
            long count = Math.Min(rows, h - top);
            parts.Add(Attend(padded.Narrow(2, top, count + 4), paddedAnchors.Narrow(2, top, count + 4), bias, b, count * w));
        }
        Tensor fused = parts.Count == 1 ? parts[0] : Tensor.Cat(1, [.. parts]); // [B, H·W, 2C]
        return Finish(fused).Transpose(1, 2).Reshape(b, 2 * _channels, h, w);
    }

    /// <summary>
    /// The same where it is used: at non-anchors, squeezed to [B, 2C, H, W/2]. In inference a quarter of the work, and no windows in
    /// memory.
    /// </summary>
    public Tensor ForwardNonAnchors(Tensor input) =>
        input.IsSymbolic || !GradMode.IsEnabled ? ForwardByKernel(input) : Checkerboard.NonAnchors(Forward(input));

    // [B, 2C, H, W/2]; the windows' 25 results come from a kernel that lays out no window.
    private Tensor ForwardByKernel(Tensor input)
    {
        Tensor qkv = _qkv.Forward(_norm1.Forward(input.Permute(0, 2, 3, 1))); // [B, H, W, 3C]
        float[] table = _table.ToArray<float>();
        int padded = WindowAttentionKernel.PaddedWidth(_channels, Heads);
        // The kernel's order of a window's results: position, head, channel of the head.
        Tensor weight = _fusion.Weight.Reshape(2 * _channels, Heads, _channels / Heads, Area).Permute(0, 3, 1, 2)
            .Pad([0, padded - _channels / Heads]).Reshape(2 * _channels, -1);
        Tensor patches = Tensor.OnHost(
            (_, maps) => Attend(maps[0], table), [input.Size(0), -1, -1, Area * Heads * padded], qkv); // [B, H, W/2, …]
        return Finish(patches.Linear(weight, _fusion.Bias)).Permute(0, 3, 1, 2);
    }

    private unsafe Tensor Attend(Tensor qkv, float[] table)
    {
        (long b, long h, long w) = (qkv.Size(0), qkv.Size(1), qkv.Size(2));
        int values = Area * Heads * WindowAttentionKernel.PaddedWidth(_channels, Heads);
        Tensor patches = Tensor.Empty([b, h, w / 2, values]);
        float* target = (float*)patches.DataPointer();
        for (long picture = 0; picture < b; picture++)
        {
            float* start = (float*)qkv.DataPointer() + picture * h * w * 3 * _channels;
            new WindowAttentionKernel(start, table, (int)h, (int)w, _channels, Heads).Attend(target + picture * h * (w / 2) * values);
        }
        return patches;
    }

    // [..., 2C]
    private Tensor Finish(Tensor fused)
    {
        Tensor projected = _projection.Forward(fused);
        return projected + _mlp.Forward(_norm2.Forward(projected));
    }
    // [B, 3C, rows + 4, W + 4] → [B, positions, 2C]
    private Tensor Attend(Tensor qkv, Tensor anchors, Tensor bias, long b, long positions)
    {
        long headWidth = _channels / Heads;
        // Channels are split into heads interleaved: channel = d·heads + head.
        Tensor[] windows = qkv.Unfold(Window)
            .Reshape(b, 3, headWidth, Heads, Area, positions).Permute(1, 0, 5, 3, 4, 2).Unbind(0); // 3 of [B, L, heads, 25, d]
        Tensor q = windows[0].Reshape(-1, Area, headWidth) * (1 / Math.Sqrt(headWidth));
        Tensor k = windows[1].Reshape(-1, Area, headWidth);
        Tensor v = windows[2].Reshape(-1, Area, headWidth);

        Tensor seen = anchors.Unfold(Window).Reshape(Area, positions).Transpose(0, 1); // [L, 25]
        Tensor both = seen.Unsqueeze(2) * seen.Unsqueeze(1);
        Tensor mask = (1 - both) * Masked;

        Tensor logits = q.Bmm(k.Transpose(1, 2)).Reshape(b, positions, Heads, Area, Area);
        Tensor attention = (logits + bias.Unsqueeze(0) + mask.Reshape(1, positions, 1, Area, Area)).Softmax(-1);
        Tensor mixed = attention.Reshape(-1, Area, Area).Bmm(v); // [B·L·heads, 25, d]

        // Written back head-major: channel = head·d + d; then the valid 5×5 convolution is one matrix product.
        Tensor patches = mixed.Reshape(b, positions, Heads, Area, headWidth).Permute(0, 1, 2, 4, 3)
            .Reshape(b, positions, _channels * Area);
        return patches.Linear(_fusion.Weight.Reshape(2 * _channels, -1), _fusion.Bias);
    }

    private static long[] RelativePositions()
    {
        var index = new long[Area * Area];
        for (int query = 0; query < Area; query++)
            for (int key = 0; key < Area; key++)
            {
                int rows = query / Window - key / Window + Window - 1;
                int columns = query % Window - key % Window + Window - 1;
                index[query * Area + key] = rows * (2 * Window - 1) + columns;
            }
        return index;
    }

    private sealed class Mlp : UnaryModule
    {
        private readonly Linear _fc1, _fc2;

        public Mlp(int width, int hidden)
        {
            _fc1 = Child("fc1", new Linear(width, hidden));
            _fc2 = Child("fc2", new Linear(hidden, width));
        }

        public override Tensor Forward(Tensor input) => _fc2.Forward(_fc1.Forward(input).Gelu());
    }
}
