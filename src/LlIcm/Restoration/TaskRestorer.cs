using LlIcm.Restoration.Networks;
using LlIcm.Torch;

namespace LlIcm.Restoration;

/// <summary>Restores pictures of any size with a network that needs one evaluation and no diffusion.</summary>
/// <param name="network">The network, loaded and in inference mode; not owned.</param>
public sealed class TaskRestorer(TaskUNet network)
{
    /// <summary>Restores a picture.</summary>
    /// <param name="picture">The degraded picture, holes filled, <c>[1, 3, H, W]</c> in 0–1, single precision.</param>
    /// <param name="holes">1 where a pixel is missing, <c>[1, 1, H, W]</c>; null: none is.</param>
    /// <param name="tasks">Probabilities of the words, as many as the network has tasks.</param>
    /// <param name="options">Tiles and arithmetic; null: the defaults. Sampler and seed have no effect.</param>
    /// <param name="afterTile">Called after each tile with the share done.</param>
    /// <param name="cancellation">Checked before each tile.</param>
    /// <returns><c>[1, 3, H, W]</c> in 0–1.</returns>
    /// <exception cref="ArgumentException">The picture is no <c>[B, 3, H, W]</c>, or there are not as many probabilities as tasks.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor Restore(
        Tensor picture, Tensor? holes, IReadOnlyList<float> tasks, RestorerOptions? options = null, Action<double>? afterTile = null,
        CancellationToken cancellation = default)
    {
        options ??= new RestorerOptions();
        if (picture.Rank != 4 || picture.Size(1) != 3 || picture.ElementCount == 0)
            throw new ArgumentException($"a picture to restore is [B, 3, H, W], not {picture}", nameof(picture));
        if (tasks.Count != network.Options.Tasks)
            throw new ArgumentException($"the network takes {network.Options.Tasks} probabilities, not {tasks.Count}", nameof(tasks));
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor told = Tensor.From<float>([.. tasks], [1, tasks.Count], picture.Device);
        Tensor missing = holes ?? Tensor.Zeros([picture.Size(0), 1, picture.Size(2), picture.Size(3)], device: picture.Device);
        var tiling = new Tiling(picture.Size(2), picture.Size(3), options.TileSize, options.TileOverlap, network.Multiple);
        int done = 0;
        Tensor restored = tiling.Count == 1
            ? Evaluate(picture, missing)
            : tiling.Blend(picture, (top, height, left, width) => Evaluate(
                picture.Narrow(2, top, height).Narrow(3, left, width), missing.Narrow(2, top, height).Narrow(3, left, width)));
        return scope.Keep(restored.Clamp(0, 1));

        Tensor Evaluate(Tensor part, Tensor partMissing)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor result = Run(part, partMissing);
            afterTile?.Invoke((double)++done / tiling.Count);
            return result;
        }

        Tensor Run(Tensor part, Tensor partMissing)
        {
            if (options.Autocast is not { } type) return network.Forward(part, partMissing, told);
            using var autocast = new Autocast(picture.Device, type);
            return network.Forward(part, partMissing, told).To(ScalarType.Float);
        }
    }
}
