using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// What a linear patch embedding can't say: how strong the responses of small filters are inside each patch. Noise, streaks and blocks
/// are textures; with these energies beside the patch embedding a small controller learns them in minutes. Not part of the published
/// networks.
/// </summary>
public sealed class TextureStem : Module
{
    private readonly int _patchSize;
    private readonly Conv2d _fine, _coarse;
    private readonly Linear _projection;

    /// <summary>A stem that starts without effect.</summary>
    /// <param name="patchSize">Side of the patches, even.</param>
    /// <param name="filters">Filters of each of the two layers.</param>
    /// <param name="width">Width of the tokens.</param>
    public TextureStem(int patchSize, int filters, int width)
    {
        _patchSize = patchSize;
        _fine = Child("fine", new Conv2d(3, filters, 3));
        _coarse = Child("coarse", new Conv2d(filters, filters, 3, stride: 2));
        _projection = Child("proj", new Linear(2 * filters, width));
    }

    /// <summary>Patches [B, P, 3·s²] → tokens [B, P, W].</summary>
    public Tensor Forward(Tensor patches)
    {
        (long batch, long count) = (patches.Size(0), patches.Size(1));
        // The picture is put together again: one large convolution is faster than thousands of small ones.
        long grid = (long)Math.Round(Math.Sqrt(count)), side = grid * _patchSize;
        Tensor picture = patches.Reshape(batch, grid, grid, 3, _patchSize, _patchSize)
            .Permute(0, 3, 1, 4, 2, 5).Reshape(batch, 3, side, side);
        Tensor fine = _fine.Forward(picture).Gelu();
        Tensor coarse = _coarse.Forward(fine).Gelu();
        Tensor energies = Tensor.Cat(
            1, fine.AvgPool2d(_patchSize, _patchSize), coarse.AvgPool2d(_patchSize / 2, _patchSize / 2));
        return _projection.Forward(energies.Flatten(2).Transpose(1, 2));
    }
}
