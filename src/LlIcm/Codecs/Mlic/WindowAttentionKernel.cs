using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LlIcm.Onnx;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// The attention of <see cref="WindowAttentionContext"/> at non-anchors, without laying out a window in memory. Neighbouring
/// windows overlap: what a query says about a key depends on the two positions alone, so each pair is computed once and the 25
/// windows around a position only sum what they hold of it.
/// </summary>
internal sealed unsafe class WindowAttentionKernel
{
    /// <summary>Side of a window.</summary>
    public const int Window = 5;

    /// <summary>Positions of a window.</summary>
    public const int Area = Window * Window;

    private const int Halo = Window / 2;

    // Two positions of one window are at most Window - 1 apart, either way.
    private const int Reach = 2 * Window - 1, Pairs = Reach * Reach, PairStride = 96;

    // Windows of a tile: its tables stay in the second-level cache.
    private const int TileRows = 8, TileColumns = 32;

    // The published mask adds -100 where it forbids a pair, which in single precision is nothing at all unless the logits
    // differ by nearly as much. Up to this difference the kernel is exact, and its sums are far from underflow.
    private const float LargestRange = 80, Masked = -100;

    private readonly int _heads, _width, _padded, _height, _columns;
    private readonly float[] _bias;
    private readonly float* _qkv;

    /// <summary>Prepares one map.</summary>
    /// <param name="qkv">Queries, keys and values by position, [H, W, 3C], float; channel = d·heads + head.</param>
    /// <param name="table">The position table [81, heads].</param>
    /// <param name="height">H.</param>
    /// <param name="width">W, even.</param>
    /// <param name="channels">C.</param>
    /// <param name="heads">Number of heads.</param>
    public WindowAttentionKernel(float* qkv, ReadOnlySpan<float> table, int height, int width, int channels, int heads)
    {
        _qkv = qkv;
        (_height, _columns, _heads) = (height, width, heads);
        _width = channels / heads;
        _padded = PaddedWidth(channels, heads);
        // By head, and by where the key lies from the query.
        _bias = new float[heads * PairStride];
        for (int head = 0; head < heads; head++)
            for (int pair = 0; pair < Pairs; pair++)
                _bias[head * PairStride + pair] = table[(Pairs - 1 - pair) * heads + head];
    }

    /// <summary>Channels of a head, filled up with zeros to whole vectors.</summary>
    public static int PaddedWidth(int channels, int heads)
    {
        int lanes = Vector<float>.Count;
        return (channels / heads + lanes - 1) / lanes * lanes;
    }

    /// <summary>Attends in the windows around all non-anchors.</summary>
    /// <param name="patches">Receives the windows' 25 results by position: [H, W/2, 25, heads, padded width].</param>
    public void Attend(float* patches)
    {
        int down = (_height + TileRows - 1) / TileRows, across = (_columns + TileColumns - 1) / TileColumns;
        void Run(int tile)
        {
            int row = tile / across * TileRows, column = tile % across * TileColumns;
            int height = Math.Min(TileRows, _height - row), width = Math.Min(TileColumns, _columns - column);
            float* output = patches + (long)row * (_columns / 2) * Area * _heads * _padded;
            if (!TryAttend(row, column, height, width, output)) AttendByWindow(row, column, height, width, output);
        }
        Parallel.For(0, down * across, new ParallelOptions { MaxDegreeOfParallelism = OnnxRuntime.Threads }, Run);
    }

    // The published computation, window by window: for logits so far apart that the mask's number shows.
    private void AttendByWindow(int row, int column, int height, int width, float* output)
    {
        float scale = 1 / MathF.Sqrt(_width);
        int channels = _heads * _width;
        Span<float> logits = stackalloc float[Area];
        for (int r = row; r < row + height; r++)
        {
            for (int c = column + ((r + column) & 1); c < column + width; c += 2)
            {
                float* patch = output + ((long)(r - row) * (_columns / 2) + c / 2) * Area * _heads * _padded;
                new Span<float>(patch, Area * _heads * _padded).Clear();
                for (int query = 0; query < Area; query++)
                {
                    float* from = At(r, c, query);
                    for (int head = 0; head < _heads; head++)
                    {
                        for (int key = 0; key < Area; key++)
                        {
                            float* to = At(r, c, key);
                            float logit = _bias[head * PairStride + PairOf(query, key)];
                            for (int d = 0; from != null && to != null && d < _width; d++)
                                logit += from[d * _heads + head] * scale * to[channels + d * _heads + head];
                            logits[key] = IsAnchor(r, c, query) && IsAnchor(r, c, key) ? logit : logit + Masked;
                        }
                        float largest = float.NegativeInfinity, sum = 0;
                        foreach (float logit in logits) largest = MathF.Max(largest, logit);
                        for (int key = 0; key < Area; key++) sum += logits[key] = MathF.Exp(logits[key] - largest);
                        float* target = patch + (query * _heads + head) * _padded;
                        for (int key = 0; key < Area; key++)
                        {
                            float* value = At(r, c, key);
                            for (int d = 0; value != null && d < _width; d++)
                                target[d] += logits[key] / sum * value[2 * channels + d * _heads + head];
                        }
                    }
                }
            }
        }
    }

    // Where a window's position has its numbers; null outside the picture, where they are 0.
    private float* At(int row, int column, int position)
    {
        (int r, int c) = (row + position / Window - Halo, column + position % Window - Halo);
        return r >= 0 && r < _height && c >= 0 && c < _columns ? _qkv + ((long)r * _columns + c) * 3 * _heads * _width : null;
    }

    private bool IsAnchor(int row, int column, int position)
    {
        (int r, int c) = (row + position / Window - Halo, column + position % Window - Halo);
        return r >= 0 && r < _height && c >= 0 && c < _columns && ((r + c) & 1) != 0;
    }

    private static int PairOf(int query, int key) =>
        (key / Window - query / Window + Window - 1) * Reach + key % Window - query % Window + Window - 1;

    private bool TryAttend(int row, int column, int height, int width, float* output)
    {
        int across = width + 2 * Halo, positions = (height + 2 * Halo) * across;
        int each = positions * _heads * _padded;
        float[] vectors = ArrayPool<float>.Shared.Rent(3 * each);
        float[] weights = ArrayPool<float>.Shared.Rent(positions * _heads * PairStride);
        bool[] anchors = ArrayPool<bool>.Shared.Rent(positions);
        try
        {
            fixed (float* q = vectors, e = weights)
            {
                var tile = new Tile(row - Halo, column - Halo, height + 2 * Halo, across, q, q + each, q + 2 * each, e, anchors);
                Load(tile);
                if (!Weigh(tile)) return false;
                for (int r = 0; r < height; r++)
                {
                    // Non-anchors: row + column is even.
                    float* line = output + (long)r * (_columns / 2) * Area * _heads * _padded;
                    for (int c = (row + r + column) & 1; c < width; c += 2)
                        Mix(tile, (r + Halo) * across + c + Halo, line + (long)((column + c) / 2) * Area * _heads * _padded);
                }
                return true;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(vectors);
            ArrayPool<float>.Shared.Return(weights);
            ArrayPool<bool>.Shared.Return(anchors);
        }
    }

    // Copies the tile with its halo, head-major; zeros outside the picture, as the published code pads after the projection.
    private void Load(in Tile tile)
    {
        int channels = _heads * _width;
        float scale = 1 / MathF.Sqrt(_width);
        for (int r = 0, at = 0; r < tile.Rows; r++)
        {
            for (int c = 0; c < tile.Columns; c++, at++)
            {
                int row = tile.Top + r, column = tile.Left + c;
                long to = (long)at * _heads * _padded;
                new Span<float>(tile.Queries + to, _heads * _padded).Clear();
                new Span<float>(tile.Keys + to, _heads * _padded).Clear();
                new Span<float>(tile.Values + to, _heads * _padded).Clear();
                bool inside = row >= 0 && row < _height && column >= 0 && column < _columns;
                tile.Anchors[at] = inside && ((row + column) & 1) != 0;
                if (!inside) continue;
                float* from = _qkv + ((long)row * _columns + column) * 3 * channels;
                for (int d = 0; d < _width; d++)
                {
                    for (int head = 0; head < _heads; head++, from++)
                    {
                        long lane = to + head * _padded + d;
                        tile.Queries[lane] = from[0] * scale;
                        tile.Keys[lane] = from[channels];
                        tile.Values[lane] = from[2 * channels];
                    }
                }
            }
        }
    }

    // exp(logit) of every pair of positions that share a window, by query; 0 where an anchor may not see a non-anchor. The shift
    // by a query's largest logit cancels in each window's softmax.
    private bool Weigh(in Tile tile)
    {
        float* logits = stackalloc float[PairStride];
        for (int r = 0, at = 0; r < tile.Rows; r++)
        {
            for (int c = 0; c < tile.Columns; c++, at++)
            {
                for (int head = 0; head < _heads; head++)
                {
                    new Span<float>(logits, PairStride).Fill(float.NegativeInfinity);
                    float* query = tile.Queries + (long)(at * _heads + head) * _padded;
                    float least = float.PositiveInfinity, most = float.NegativeInfinity, shift = float.NegativeInfinity;
                    for (int rows = Math.Max(-r, 1 - Window); rows <= Math.Min(tile.Rows - 1 - r, Window - 1); rows++)
                    {
                        for (int columns = Math.Max(-c, 1 - Window); columns <= Math.Min(tile.Columns - 1 - c, Window - 1); columns++)
                        {
                            int key = at + rows * tile.Columns + columns;
                            int pair = (rows + Window - 1) * Reach + columns + Window - 1;
                            float logit = Dot(query, tile.Keys + (long)(key * _heads + head) * _padded, _padded)
                                + _bias[head * PairStride + pair];
                            least = MathF.Min(least, logit);
                            most = MathF.Max(most, logit);
                            if (tile.Anchors[at] && !tile.Anchors[key]) continue;
                            shift = MathF.Max(shift, logit);
                            logits[pair] = logit;
                        }
                    }
                    // NaN fails too.
                    if (!(most - least <= LargestRange)) return false;
                    float* weights = tile.Weights + (long)(at * _heads + head) * PairStride;
                    var subtracted = new Vector<float>(shift);
                    for (int i = 0; i < PairStride; i += Vector<float>.Count)
                        Vector.Exp(Vector.Load(logits + i) - subtracted).Store(weights + i);
                }
            }
        }
        return true;
    }

    // The 25 results of the window around one position.
    private void Mix(in Tile tile, int center, float* output)
    {
        int* keys = stackalloc int[Area];
        for (int key = 0; key < Area; key++)
            keys[key] = (center + (key / Window - Halo) * tile.Columns + key % Window - Halo) * _heads * _padded;

        for (int query = 0; query < Area; query++)
        {
            int row = query / Window, column = query % Window;
            int at = center + (row - Halo) * tile.Columns + column - Halo;
            // In a window around a non-anchor every second position can be an anchor, from the second one on.
            int first = tile.Anchors[at] ? 1 : 0, step = tile.Anchors[at] ? 2 : 1;
            for (int head = 0; head < _heads; head++)
            {
                float* weights = tile.Weights + (long)(at * _heads + head) * PairStride
                    + (Window - 1 - row) * Reach + Window - 1 - column;
                float sum = 0;
                for (int key = first; key < Area; key += step) sum += weights[PairOffsets[key]];
                float scale = 1 / sum;
                for (int d = 0; d < _padded; d += Vector<float>.Count)
                {
                    float* values = tile.Values + head * _padded + d;
                    Vector<float> mixed = Vector<float>.Zero;
                    for (int key = first; key < Area; key += step)
                    {
                        mixed = Vector.FusedMultiplyAdd(
                            new Vector<float>(weights[PairOffsets[key]]), Vector.Load(values + keys[key]), mixed);
                    }
                    (mixed * scale).Store(output + (query * _heads + head) * _padded + d);
                }
            }
        }
    }

    // Where the window's positions lie in a query's table of pairs, from its first one.
    private static ReadOnlySpan<int> PairOffsets =>
    [
        0, 1, 2, 3, 4,
        9, 10, 11, 12, 13,
        18, 19, 20, 21, 22,
        27, 28, 29, 30, 31,
        36, 37, 38, 39, 40,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot(float* left, float* right, int length)
    {
        Vector<float> sum = Vector<float>.Zero;
        for (int i = 0; i < length; i += Vector<float>.Count)
            sum = Vector.FusedMultiplyAdd(Vector.Load(left + i), Vector.Load(right + i), sum);
        return Vector.Sum(sum);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Tile(
        int top, int left, int rows, int columns, float* queries, float* keys, float* values, float* weights, bool[] anchors)
    {
        public readonly int Top = top, Left = left, Rows = rows, Columns = columns;
        public readonly float* Queries = queries, Keys = keys, Values = values, Weights = weights;
        public readonly bool[] Anchors = anchors;
    }
}
