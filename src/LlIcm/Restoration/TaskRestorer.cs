using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// Restores pictures of any size with a network that needs one evaluation and no diffusion, on ONNX Runtime; one graph serves all sizes, and several threads
/// may restore at the same time.
/// </summary>
public sealed class TaskRestorer : IDisposable
{
    private readonly TaskUNet _network;
    private readonly Lazy<OnnxProgram> _program;

    /// <summary>Records nothing yet.</summary>
    /// <param name="network">The network, which stays the caller's.</param>
    public TaskRestorer(TaskUNet network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        GraphInput[] inputs = [new([1, 3, -1, -1]), new([1, 1, -1, -1]), new([1, network.Options.Tasks])];
        _program = new(() => OnnxProgram.Record("restorer", inputs, given => [network.ForwardPadded(given[0], given[1], given[2])]));
    }

    /// <summary>Restores a picture.</summary>
    /// <param name="picture">The degraded picture, holes filled.</param>
    /// <param name="holes">Whether each pixel is missing, row-major <c>[Height, Width]</c>; null: none is.</param>
    /// <param name="tasks">Probabilities of the words, as many as the network has tasks.</param>
    /// <param name="tiles">Tiles; null: the defaults.</param>
    /// <param name="afterTile">Called after each tile with the share done.</param>
    /// <param name="cancellation">Takes effect within the computation of a tile.</param>
    /// <returns>The restored picture; alpha is passed on.</returns>
    /// <exception cref="ArgumentException">There are not as many probabilities as tasks, or marks as pixels.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Picture Restore(
        Picture picture, bool[]? holes, IReadOnlyList<float> tasks, TileOptions? tiles = null, Action<double>? afterTile = null,
        CancellationToken cancellation = default)
    {
        tiles ??= new TileOptions();
        if (tasks.Count != _network.Options.Tasks)
            throw new ArgumentException($"the network takes {_network.Options.Tasks} probabilities, not {tasks.Count}", nameof(tasks));
        if (holes is not null && holes.Length != picture.Width * picture.Height)
            throw new ArgumentException($"{holes.Length} marks are not those of {picture.Width}x{picture.Height} pixels", nameof(holes));
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        (int height, int width) = (Padded(picture.Height), Padded(picture.Width));
        Tensor degraded = PictureTensor.From(picture, 0, height, width), missing = Missing(holes, picture, height, width);
        Tensor told = Tensor.From<float>([.. tasks], [1, tasks.Count]);
        var tiling = new Tiling(height, width, tiles.Size, tiles.Overlap, _network.Multiple);
        int done = 0;
        Tensor restored = tiling.Count == 1
            ? Evaluate(degraded, missing)
            : tiling.Blend(degraded, (top, rows, left, columns) => Evaluate(
                degraded.Narrow(2, top, rows).Narrow(3, left, columns), missing.Narrow(2, top, rows).Narrow(3, left, columns)));
        byte[] rgb = new byte[3L * picture.Width * picture.Height];
        PictureTensor.Store(restored, 0, rgb, picture.Width, 0, picture.Height);
        return new Picture(picture.Width, picture.Height, rgb, picture.Alpha);

        Tensor Evaluate(Tensor part, Tensor partMissing)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor result = _program.Value.Run([part, partMissing, told], cancellation: cancellation)[0];
            afterTile?.Invoke((double)++done / tiling.Count);
            return result;
        }
    }

    internal OnnxProgram Program => _program.Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_program.IsValueCreated) _program.Value.Dispose();
    }

    private int Padded(int size) => (size + _network.Multiple - 1) / _network.Multiple * _network.Multiple;

    private static Tensor Missing(bool[]? holes, Picture picture, int height, int width)
    {
        float[] marks = new float[height * width];
        if (holes is not null)
        {
            // Beyond the picture its edge goes on, as the pixels do.
            for (int i = 0; i < marks.Length; i++)
                marks[i] = holes[Math.Min(i / width, picture.Height - 1) * picture.Width + Math.Min(i % width, picture.Width - 1)] ? 1 : 0;
        }
        return Tensor.From<float>(marks, [1, 1, height, width]);
    }
}
