"""Principal component analysis of features with scikit-learn."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32
from torch import Tensor


@dataclass(frozen=True)
class PrincipalComponents:
    """The first n principal components of features (N, D), in descending order of variance. All tensors are float32.

    ``mean`` (D,) is the mean of the features. ``components`` (n, D) are orthonormal; in each component, the entry with
    the largest absolute value is positive. ``stds`` (n,) are the standard deviations of the features along the
    components. ``variance_ratios`` (n,) are the fractions of the total variance that the components explain. If the
    features do not vary, the components are arbitrary.
    """

    mean: Tensor
    components: Tensor
    stds: Tensor
    variance_ratios: Tensor

    def project(self, features: Float[Tensor, "samples features"]) -> Float[Tensor, "samples components"]:
        """Return the coordinates of features along the components, relative to the mean."""
        return (features - self.mean) @ self.components.T

    def shift(
        self, features: Float32[Tensor, " features"], distances: Float32[Tensor, " components"]
    ) -> Float32[Tensor, " features"]:
        """Return one feature vector, shifted along the components.

        ``distances`` holds the shift along each component, in units of the standard deviation of the features along
        that component.
        """
        return features + (distances * self.stds) @ self.components


def principal_components(features: Float[Tensor, "samples features"], count: int) -> PrincipalComponents:
    """Return the first ``count`` principal components of features (N, D) with finite values, but at most min(N, D)."""
    from sklearn.decomposition import PCA  # slow to import, and only needed here

    n_samples, n_features = features.shape
    count = min(count, n_samples, n_features)
    if bool((features == features[0]).all()):  # scikit-learn would divide by a variance of zero
        return PrincipalComponents(
            mean=features[0].float(),
            components=torch.eye(count, n_features),
            stds=torch.zeros(count),
            variance_ratios=torch.zeros(count),
        )
    solver = "covariance_eigh"
    if n_features > n_samples:  # the covariance is the larger matrix; "full" takes seconds for thousands of features
        solver = "arpack" if count < n_samples else "full"
    pca = PCA(count, svd_solver=solver, random_state=0).fit(features.double().numpy())
    fitted = (pca.mean_, pca.components_, pca.explained_variance_.clip(min=0) ** 0.5, pca.explained_variance_ratio_)
    return PrincipalComponents(*(torch.from_numpy(array).float() for array in fitted))
