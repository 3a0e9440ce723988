using LlIcm.Torch;
using LlIcm.Torch.Modules;

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
    /// <param name="patchSize">Side of the patches.</param>
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
        Tensor pixels = patches.Reshape(batch * count, 3, _patchSize, _patchSize);
        Tensor fine = _fine.Forward(pixels).Gelu();
        Tensor coarse = _coarse.Forward(fine).Gelu();
        Tensor energies = Tensor.Cat(1, fine.Mean([2, 3]), coarse.Mean([2, 3]));
        return _projection.Forward(energies).Reshape(batch, count, -1);
    }
}
