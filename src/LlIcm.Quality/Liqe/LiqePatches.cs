using LlIcm.Imaging;
using LlIcm.Vision;

namespace LlIcm.Quality;

/// <summary>The picture that LIQE cuts, and where it cuts its patches.</summary>
/// <param name="Picture">The picture, reduced where the variant does so.</param>
/// <param name="Stride">Step of the patch grid in pixels.</param>
/// <param name="GridColumns">Patches in a row of the grid.</param>
/// <param name="GridRows">Rows of the grid.</param>
/// <param name="Selected">The patches looked at, by their index in the grid, row by row.</param>
internal sealed record LiqePatches(Picture Picture, int Stride, int GridColumns, int GridRows, int[] Selected)
{
    private const int Count = 15, ReducedSide = 768, LargeSide = 1024;

    /// <summary>Chooses the patches.</summary>
    /// <param name="picture">Any picture.</param>
    /// <param name="variant">Whose choice.</param>
    /// <param name="side">Side of a patch, 224 for the published model.</param>
    /// <exception cref="QualityException">The picture is smaller than a patch.</exception>
    public static LiqePatches Of(Picture picture, LiqeVariant variant, int side)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (Math.Min(picture.Width, picture.Height) < side)
            throw new QualityException(
                $"LIQE takes sides of at least {side} pixels, the picture has {picture.Width}x{picture.Height}");
        int stride = 32;
        if (variant == LiqeVariant.Demo)
        {
            if (Math.Min(picture.Width, picture.Height) >= ReducedSide) picture = Reduce(picture);
            if (Math.Max(picture.Width, picture.Height) >= LargeSide) stride = 48;
        }
        int columns = (picture.Width - side) / stride + 1, rows = (picture.Height - side) / stride + 1;
        return new LiqePatches(picture, stride, columns, rows, Select(columns * rows, variant));
    }

    private static int[] Select(int patches, LiqeVariant variant)
    {
        int count = variant == LiqeVariant.PyIqa ? Math.Min(Count, patches) : Count;
        int step = variant switch
        {
            LiqeVariant.PyIqa => Math.Max(1, patches / count),
            LiqeVariant.Demo => patches / Count,
            // The batch size, always 1 here, divided by 15.
            _ => 0,
        };
        return [.. Enumerable.Range(0, count).Select(i => step * i)];
    }

    private static Picture Reduce(Picture picture)
    {
        (int width, int height) = picture.Width <= picture.Height
            ? (ReducedSide, (int)((long)ReducedSide * picture.Height / picture.Width))
            : ((int)((long)ReducedSide * picture.Width / picture.Height), ReducedSide);
        return new Picture(
            width, height,
            PillowResize.Resize(picture.Rgb, picture.Width, picture.Height, width, height, PillowFilter.Bilinear));
    }
}
