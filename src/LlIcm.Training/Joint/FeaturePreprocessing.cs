using LlIcm.Tensors;
using LlIcm.Vision;

namespace LlIcm.Training.Joint;

/// <summary>
/// CLIP's preprocessing as tensor operators, for gradients through the embeddings into the picture. It differs from
/// <see cref="ClipPreprocessing"/> by the rounding to 8 bits only: both filters are the antialiased bicubic one with a = −½.
/// </summary>
public static class FeaturePreprocessing
{
    /// <summary>Shorter side to the model's size, centre crop, normalisation.</summary>
    /// <param name="pictures">[B, 3, H, W]; values outside [0, 1] are clamped.</param>
    /// <param name="size">Side of the pictures that the tower takes.</param>
    /// <returns>[B, 3, size, size].</returns>
    public static Tensor Differentiable(Tensor pictures, int size)
    {
        var rules = new ClipPreprocessing(size);
        int height = (int)pictures.Size(2), width = (int)pictures.Size(3);
        (int toWidth, int toHeight) = rules.ResizedSize(width, height);
        (int left, int top) = rules.CropOffset(width, height);
        Tensor resized = pictures.Clamp(0, 1);
        // One direction after the other, as Pillow: it clips the filter's overshoot after each.
        if (toWidth != width) resized = resized.UpsampleBicubicAntialias(height, toWidth).Clamp(0, 1);
        if (toHeight != height) resized = resized.UpsampleBicubicAntialias(toHeight, toWidth).Clamp(0, 1);
        Tensor crop = resized.Narrow(2, top, size).Narrow(3, left, size);
        Tensor mean = Tensor.From(ClipPreprocessing.Mean, [1, 3, 1, 1], pictures.Device);
        Tensor deviation = Tensor.From(ClipPreprocessing.StandardDeviation, [1, 3, 1, 1], pictures.Device);
        return (crop - mean) / deviation;
    }

    /// <summary>Exactly what inference does, 8-bit truncation and Pillow's fixed-point filter included; no gradient.</summary>
    /// <param name="pictures">[B, 3, H, W].</param>
    /// <param name="size">Side of the pictures that the tower takes.</param>
    /// <returns>[B, 3, size, size].</returns>
    public static Tensor Exact(Tensor pictures, int size)
    {
        var rules = new ClipPreprocessing(size);
        int count = (int)pictures.Size(0), height = (int)pictures.Size(2), width = (int)pictures.Size(3);
        float[] values = pictures.Detach().To(Device.Cpu, ScalarType.Float).ToArray<float>();
        int from = 3 * width * height, to = 3 * size * size;
        var prepared = new float[count * to];
        Parallel.For(0, count, i =>
            rules.PreparePlanes(values.AsSpan(i * from, from), width, height).CopyTo(prepared, i * to));
        return Tensor.From<float>(prepared, [count, 3, size, size], pictures.Device);
    }
}
