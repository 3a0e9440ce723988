using LlIcm.Imaging;
using LlIcm.Tensors;

namespace LlIcm;

/// <summary>8-bit pictures as tensors [1, 3, H, W] in [0, 1] and back.</summary>
internal static class PictureTensor
{
    /// <summary>Rows of a picture as a tensor, the border repeated beyond its sides.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="top">First row.</param>
    /// <param name="height">Rows of the tensor.</param>
    /// <param name="width">Columns of the tensor, at least the picture's.</param>
    public static Tensor From(Picture picture, int top, int height, int width)
    {
        Tensor tensor = Tensor.Empty([1, 3, height, width]);
        Span<float> values = tensor.AsSpan<float>();
        int plane = height * width;
        for (int y = 0; y < height; y++)
        {
            int row = Math.Min(top + y, picture.Height - 1);
            ReadOnlySpan<byte> source = picture.Rgb.AsSpan(row * picture.Width * 3, picture.Width * 3);
            Span<float> red = values.Slice(y * width, width);
            Span<float> green = values.Slice(plane + y * width, width);
            Span<float> blue = values.Slice(2 * plane + y * width, width);
            for (int x = 0; x < picture.Width; x++)
            {
                red[x] = source[3 * x] * (1 / 255f);
                green[x] = source[3 * x + 1] * (1 / 255f);
                blue[x] = source[3 * x + 2] * (1 / 255f);
            }
            red[picture.Width..].Fill(red[picture.Width - 1]);
            green[picture.Width..].Fill(green[picture.Width - 1]);
            blue[picture.Width..].Fill(blue[picture.Width - 1]);
        }
        return tensor;
    }

    /// <summary>A whole picture as a tensor.</summary>
    public static Tensor From(Picture picture) => From(picture, 0, picture.Height, picture.Width);

    /// <summary>Clamps, rounds and stores rows of a tensor into an interleaved picture.</summary>
    /// <param name="rows">[1, 3, h, w], w at least the picture's width.</param>
    /// <param name="from">First row of the tensor to store.</param>
    /// <param name="rgb">The picture, interleaved.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="top">First row of the picture to fill.</param>
    /// <param name="count">Rows to store.</param>
    public static void Store(Tensor rows, int from, byte[] rgb, int width, int top, int count)
    {
        using var scope = new TensorScope();
        Tensor host = rows.To(ScalarType.Float).ToHost();
        ReadOnlySpan<float> values = host.AsSpan<float>();
        int rowWidth = (int)rows.Size(3), plane = (int)rows.Size(2) * rowWidth;
        for (int y = 0; y < count; y++)
        {
            Span<byte> target = rgb.AsSpan((top + y) * width * 3, width * 3);
            for (int channel = 0; channel < 3; channel++)
            {
                ReadOnlySpan<float> source = values.Slice(channel * plane + (from + y) * rowWidth, width);
                for (int x = 0; x < width; x++) target[3 * x + channel] = ToByte(source[x]);
            }
        }
    }

    /// <summary>A tensor [1, 3, H, W] as a picture.</summary>
    public static Picture ToPicture(Tensor tensor, byte[]? alpha = null)
    {
        int height = (int)tensor.Size(2), width = (int)tensor.Size(3);
        byte[] rgb = new byte[3 * height * width];
        Store(tensor, 0, rgb, width, 0, height);
        return new Picture(width, height, rgb, alpha);
    }

    // Half to even as the reference rounds; NaN becomes 0.
    private static byte ToByte(float value) => (byte)MathF.Round(Math.Clamp(float.IsNaN(value) ? 0 : value, 0, 1) * 255);
}
