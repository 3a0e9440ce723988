using LlIcm.Imaging;
using LlIcm.Restoration;

namespace LlIcm.Benchmark.Restorers;

/// <summary>Fills holes by diffusion, see <see cref="HoleFilling"/>: what LL-ICM does before it codes.</summary>
public sealed class SmoothFilling : IRestorerUnderTest
{
    /// <inheritdoc/>
    public string Name => "diffusion";

    /// <inheritdoc/>
    public string Settings => "Laplace's equation, coarse to fine";

    /// <inheritdoc/>
    public bool Serves(Degradation task) => task is Degradation.Uncompleted;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task) =>
        mask is not null && HoleMask.Read(mask, picture.Width, picture.Height) is { } holes ? HoleMask.Fill(picture, holes) : picture;
}
