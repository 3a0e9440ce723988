using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Vision;

namespace LlIcm.Quality;

/// <summary>
/// What Q-Align does to a picture: padded to a square, resized with Pillow's bicubic filter, normalised.
/// </summary>
internal static class QAlignPreprocessing
{
    // CLIP's mean as 8-bit numbers, truncated.
    private static readonly byte[] s_padding = [122, 116, 104];

    /// <summary>The picture in the middle of a square of the mean colour.</summary>
    public static Picture Square(Picture picture)
    {
        if (picture.Width == picture.Height) return picture;
        int side = Math.Max(picture.Width, picture.Height);
        int left = (side - picture.Width) / 2, top = (side - picture.Height) / 2;
        var rgb = new byte[3 * side * side];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = s_padding[i % 3];
        for (int y = 0; y < picture.Height; y++)
            picture.Rgb.AsSpan(3 * y * picture.Width, 3 * picture.Width).CopyTo(
                rgb.AsSpan(3 * ((top + y) * side + left)));
        return new Picture(side, side, rgb);
    }

    /// <summary>The square resized to the model's side.</summary>
    public static Picture Resize(Picture square, int side) => new(
        side, side, PillowResize.Bicubic(square.Rgb, square.Width, square.Height, side, side));

    /// <summary>The model's input [3, side, side], single precision.</summary>
    public static Tensor Prepare(Picture picture, int side)
    {
        Picture resized = Resize(Square(picture), side);
        var planes = new float[3 * side * side];
        ReadOnlySpan<float> mean = ClipPreprocessing.Mean, deviation = ClipPreprocessing.StandardDeviation;
        for (int i = 0; i < side * side; i++)
            for (int c = 0; c < 3; c++)
                planes[c * side * side + i] = ((float)(resized.Rgb[3 * i + c] * (1 / 255.0)) - mean[c]) / deviation[c];
        return Tensor.From<float>(planes, [3, side, side]);
    }
}
