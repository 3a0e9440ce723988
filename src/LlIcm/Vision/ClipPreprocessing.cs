namespace LlIcm.Vision;

/// <summary>
/// What CLIP models expect to be done to a picture: shorter side to the model's size with Pillow's bicubic filter,
/// centre crop, and normalisation by the mean and deviation of CLIP's training pictures
/// (github.com/mlfoundations/open_clip, <c>image_transform</c> for evaluation).
/// </summary>
public sealed class ClipPreprocessing
{
    private const int Channels = 3;
    private static readonly float[] MeanValues = [0.48145466f, 0.4578275f, 0.40821073f];
    private static readonly float[] DeviationValues = [0.26862954f, 0.26130258f, 0.27577711f];
    private static readonly float[][] Normalized = [.. Enumerable.Range(0, Channels).Select(Table)];

    /// <summary>Creates the preprocessing for one model.</summary>
    /// <param name="size">Side of the square pictures that the model takes, e.g. 224.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public ClipPreprocessing(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        Size = size;
    }

    /// <summary>Mean of each channel (red, green, blue) for pictures in [0, 1].</summary>
    public static ReadOnlySpan<float> Mean => MeanValues;

    /// <summary>Standard deviation of each channel for pictures in [0, 1].</summary>
    public static ReadOnlySpan<float> StandardDeviation => DeviationValues;

    /// <summary>Side of the result in pixels.</summary>
    public int Size { get; }

    /// <summary>
    /// The size after resizing: the shorter side becomes <see cref="Size"/>, the longer is truncated.
    /// </summary>
    /// <exception cref="ArgumentException">A size is not positive, or the picture too long.</exception>
    public (int Width, int Height) ResizedSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        int Longer(int longer, int shorter)
        {
            long side = (long)Size * longer / shorter;
            return side <= int.MaxValue
                ? (int)side
                : throw new ArgumentException($"a {width}×{height} picture is too long to be resized to {Size}");
        }

        return width <= height ? (Size, Longer(height, width)) : (Longer(width, height), Size);
    }

    /// <summary>Upper left corner of the centre crop in the resized picture; halves go to the even number.</summary>
    /// <exception cref="ArgumentException">A size is not positive, or the picture too long.</exception>
    public (int Left, int Top) CropOffset(int width, int height)
    {
        (int resizedWidth, int resizedHeight) = ResizedSize(width, height);
        return ((int)Math.Round((resizedWidth - Size) / 2.0), (int)Math.Round((resizedHeight - Size) / 2.0));
    }

    /// <summary>The resized and cropped picture before normalisation.</summary>
    /// <param name="rgb">Interleaved 8-bit RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <returns>Interleaved 8-bit RGB <c>[Size, Size, 3]</c>.</returns>
    /// <exception cref="ArgumentException">The picture does not have that size.</exception>
    public byte[] Crop(ReadOnlySpan<byte> rgb, int width, int height)
    {
        (int resizedWidth, int resizedHeight) = ResizedSize(width, height);
        (int left, int top) = CropOffset(width, height);
        return PillowResize.ResizeAndCrop(
            rgb, width, height, resizedWidth, resizedHeight, left, top, Size, Size, PillowFilter.Bicubic);
    }

    /// <summary>Prepares an 8-bit picture.</summary>
    /// <param name="rgb">Interleaved 8-bit RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <returns>Normalised planes <c>[3, Size, Size]</c>.</returns>
    /// <exception cref="ArgumentException">The picture does not have that size.</exception>
    public float[] Prepare(ReadOnlySpan<byte> rgb, int width, int height)
    {
        byte[] crop = Crop(rgb, width, height);
        int plane = Size * Size;
        var planes = new float[Channels * plane];
        for (int i = 0; i < plane; i++)
            for (int c = 0; c < Channels; c++) planes[c * plane + i] = Normalized[c][crop[i * Channels + c]];
        return planes;
    }

    /// <summary>
    /// Prepares a picture of real numbers, such as a decoded one, as the restoration code of DA-CLIP does
    /// (<c>clip_transform</c>): reduced to 8 bits by truncation first. Values outside [0, 1] are clamped.
    /// </summary>
    /// <param name="rgb">Interleaved RGB <c>[height, width, 3]</c> in [0, 1].</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <returns>Normalised planes <c>[3, Size, Size]</c>.</returns>
    /// <exception cref="ArgumentException">The picture does not have that size.</exception>
    public float[] Prepare(ReadOnlySpan<float> rgb, int width, int height) =>
        Prepare(Truncate(rgb), width, height);

    /// <summary>The same for a picture in planes, the layout of tensors.</summary>
    /// <param name="planes">RGB <c>[3, height, width]</c> in [0, 1].</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <returns>Normalised planes <c>[3, Size, Size]</c>.</returns>
    /// <exception cref="ArgumentException">The picture does not have that size.</exception>
    public float[] PreparePlanes(ReadOnlySpan<float> planes, int width, int height)
    {
        if (planes.Length != (long)width * height * Channels)
            throw new ArgumentException($"{planes.Length} numbers are no {width}×{height} RGB picture", nameof(planes));
        int plane = width * height;
        var rgb = new byte[planes.Length];
        for (int c = 0; c < Channels; c++)
        {
            ReadOnlySpan<float> values = planes.Slice(c * plane, plane);
            for (int i = 0; i < plane; i++) rgb[i * Channels + c] = Truncate(values[i]);
        }
        return Prepare(rgb, width, height);
    }

    /// <summary>Real numbers in [0, 1] as 8-bit values, truncated rather than rounded.</summary>
    public static byte[] Truncate(ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = Truncate(values[i]);
        return bytes;
    }

    // Written so that NaN becomes zero.
    private static byte Truncate(float value) => value > 0 ? (byte)Math.Min(value * 255f, 255f) : (byte)0;

    private static float[] Table(int channel)
    {
        var table = new float[256];
        for (int v = 0; v < table.Length; v++)
            table[v] = (v / 255f - MeanValues[channel]) / DeviationValues[channel];
        return table;
    }
}
