using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Tensors;
using LlIcm.Training.Codec;

namespace LlIcm.Training.Tests.Codec;

public class DistortionTests
{
    [Theory]
    [InlineData(192, 256)]
    [InlineData(177, 203)]
    public void MsSsimEqualsTheMetric(int width, int height)
    {
        using var scope = new TensorScope();
        (Tensor a, Picture first) = Make(width, height, 0);
        (Tensor b, Picture second) = Make(width, height, 25);
        double expected = FullReference.MsSsim(first, second);
        Assert.InRange(expected, 0.3, 0.99);
        Assert.Equal(expected, Distortion.MsSsim(a, b).Item(), 2e-5);
        Assert.Equal(1, Distortion.MsSsim(a, a).Item(), 1e-6);
    }

    [Fact]
    public void ItsGradientLeadsToTheOriginal()
    {
        using var outer = new TensorScope();
        Tensor original = Make(192, 192, 0).Tensor, decoded = Make(192, 192, 40).Tensor.Clone();
        double before = Distortion.MsSsim(decoded, original).Item();
        for (int step = 0; step < 20; step++)
        {
            using var scope = new TensorScope();
            Tensor at = decoded.Detach();
            at.RequiresGrad = true;
            Distortion.Weighted(DistortionKind.MsSsim, at, original, Tensor.From<float>([0.013f], [1])).Sum().Backward();
            using var noGrad = GradMode.Disable();
            Assert.True(double.IsFinite(at.Grad!.Norm(2, []).Item()));
            decoded.AddInPlace(at.Grad!.Sign(), -0.004);
        }
        Assert.True(Distortion.MsSsim(decoded, original).Item() > before + 0.05);
    }

    [Theory]
    [InlineData(0.0018, 2.40)]
    [InlineData(0.0035, 4.58)]
    [InlineData(0.0067, 8.73)]
    [InlineData(0.0130, 16.64)]
    [InlineData(0.0250, 31.73)]
    [InlineData(0.0483, 60.50)]
    [InlineData(0.0932, 115.37)]
    [InlineData(0.1800, 220.00)]
    public void TradeOffsAreCompressAIs(double mse, double msSsim)
    {
        Assert.Equal(msSsim, Distortion.Lambda(DistortionKind.MsSsim, mse), msSsim * 0.01);
        Assert.Equal(mse, Distortion.MseLambda(DistortionKind.MsSsim, msSsim), mse * 0.01);
    }

    [Fact]
    public void CropsThatAreTooSmallAreRefusedByName()
    {
        var recipe = new CodecRecipe { Distortion = DistortionKind.MsSsim, Crop = 128 };
        Assert.Contains("crop", Assert.Throws<TrainingException>(recipe.Validate).Message, StringComparison.Ordinal);
        (recipe with { Crop = 192 }).Validate();
        Assert.Equal(DistortionKind.MsSsim, RecipeFile.Parse<CodecRecipe>("distortion: ms_ssim", "recipe.yaml").Distortion);
    }

    private static (Tensor Tensor, Picture Picture) Make(int width, int height, int noise)
    {
        var random = new Random(3);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width;
            double value = 128 + 60 * Math.Sin(x * 0.11 + i % 3) * Math.Cos(y * 0.07) + (noise == 0 ? 0 : (random.NextDouble() - 0.5) * 4 * noise);
            rgb[i] = (byte)Math.Clamp(value, 0, 255);
        }
        var planes = new float[rgb.Length];
        for (int i = 0; i < rgb.Length; i++) planes[i % 3 * width * height + i / 3] = rgb[i] / 255f;
        return (Tensor.From<float>(planes, [1, 3, height, width]), new Picture(width, height, rgb));
    }
}
