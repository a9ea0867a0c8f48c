"""The theme's admin classes as the generics that type checkers take Django's for."""

from typing import TYPE_CHECKING

from core.admin.lists import Listed

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.forms import BaseInlineFormSet, ModelForm
else:
    from django import forms
    from unfold import admin

    class _Generic:
        def __class_getitem__(cls, _models: object) -> type:
            return cls

    class ModelAdmin(_Generic, Listed, admin.ModelAdmin):
        pass

    class TabularInline(_Generic, admin.TabularInline):
        pass

    class BaseInlineFormSet(_Generic, forms.BaseInlineFormSet):
        pass

    class ModelForm(_Generic, forms.ModelForm):
        pass


__all__ = ["BaseInlineFormSet", "ModelAdmin", "ModelForm", "TabularInline"]
